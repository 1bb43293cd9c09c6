using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Cencori.Edge.Hosting;

/// <summary>
/// The sockets on which the edge listens. To close one resets the connections that the kernel has established and the edge has not
/// accepted yet. Their clients have sent requests by then, and must not send them again, because they cannot know whether they were
/// carried out. So Linux is told first to establish no more, and the edge accepts what there is.
/// </summary>
public sealed class Listeners
{
    // Of Linux: SOL_SOCKET, SO_ATTACH_FILTER.
    private const int SocketLevel = 1;
    private const int AttachFilter = 26;

    /// <summary>Lets pass what has no SYN, byte 13 of a segment being its flags.</summary>
    private static readonly Instruction[] NoSyn = [new(0x30, 0, 0, 13), new(0x45, 0, 1, 0x02), new(0x06, 0, 0, 0), new(0x06, 0, 0, uint.MaxValue)];

    private readonly List<Socket> _sockets = [];

    public Socket Create(EndPoint endpoint)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        _sockets.Add(socket);
        return socket;
    }

    /// <summary>From here on the opening segments of new connections are dropped. Their clients repeat them after a second, when the socket is closed, and are refused.</summary>
    public void EstablishNoMore()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // struct sock_fprog: the number of instructions, and where they are.
        var program = GCHandle.Alloc(NoSyn, GCHandleType.Pinned);
        try
        {
            Span<nint> filter = [0, program.AddrOfPinnedObject()];
            MemoryMarshal.Write(MemoryMarshal.AsBytes(filter), (ushort)NoSyn.Length);
            foreach (var socket in _sockets.Where(socket => socket.ProtocolType == ProtocolType.Tcp))
            {
                socket.SetRawSocketOption(SocketLevel, AttachFilter, MemoryMarshal.AsBytes(filter));
            }
        }
        catch (SocketException)
        {
            // A sandbox that has no filters: closing is then what it is without this.
        }
        finally
        {
            program.Free();
        }
    }

    /// <summary>Of the kernel's packet filter: struct sock_filter.</summary>
    private readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Operand);
}
