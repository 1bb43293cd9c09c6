using System.Net;
using System.Net.Sockets;

namespace Cencori.Edge.Tests.Infrastructure.Network;

/// <summary>
/// Ports for servers that must restart on the same port. They are below the ephemeral range, so that no client gets one by chance while it is free.
/// </summary>
public static class LoopbackPort
{
    /// <summary>A node of a Redis cluster also listens on its port plus this number, so both must be free.</summary>
    private const int ToOtherNodes = 10_000;

    private const int First = 10_000;
    private const int Count = 12_000;
    private static int _last = Random.Shared.Next(Count);

    /// <summary>A port that is free now and was not returned before in this run.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = First + (Interlocked.Increment(ref _last) % Count);
            if (IsFree(port) && IsFree(port + ToOtherNodes))
            {
                return port;
            }
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
