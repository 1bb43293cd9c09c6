using System.Net;
using System.Net.Sockets;

namespace Cencori.Edge.Tests.Infrastructure.Network;

/// <summary>Accepts connections on a port of 127.0.0.1 until disposed; after that they are refused.</summary>
internal sealed class LinkListener : IAsyncDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    public LinkListener(int port, Action<Socket> relay)
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _socket.Listen();
        _accepting = AcceptAsync(relay);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _accepting;
        _socket.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync(Action<Socket> relay)
    {
        try
        {
            while (true)
            {
                relay(await _socket.AcceptAsync(_stopping.Token));
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
