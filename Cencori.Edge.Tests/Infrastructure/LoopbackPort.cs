using System.Net;
using System.Net.Sockets;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>
/// Ports for servers that must be found again where they were. They lie below those that systems give to clients, so that
/// one which is free for a while is not taken by chance.
/// </summary>
public static class LoopbackPort
{
    /// <summary>A node of a Redis cluster listens on its port and on one that is this much higher; both are free.</summary>
    private const int ToOtherNodes = 10_000;

    private const int First = 10_000;
    private const int Count = 12_000;
    private static int _last = Random.Shared.Next(Count);

    /// <summary>Free a moment ago, and never given before in this run.</summary>
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
