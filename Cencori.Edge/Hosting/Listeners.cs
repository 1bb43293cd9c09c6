using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Cencori.Edge.Hosting;

/// <summary>
/// Creates the sockets on which the edge listens. Closing such a socket resets connections that the kernel has established but the edge has not accepted.
/// Clients may have sent requests on these connections. After a reset, a client cannot know whether its request has run, so it must not send the request again.
/// So on Linux a socket first gets a filter that stops new connections, and the edge accepts the existing ones before it closes the socket.
/// </summary>
public sealed class Listeners
{
    // Linux constants SOL_SOCKET and SO_ATTACH_FILTER.
    private const int SocketLevel = 1;
    private const int AttachFilter = 26;

    /// <summary>Program of a socket filter that passes only TCP segments without the SYN flag. Byte 13 of a segment holds its flags.</summary>
    private static readonly Instruction[] NoSyn = [new(0x30, 0, 0, 13), new(0x45, 0, 1, 0x02), new(0x06, 0, 0, 0), new(0x06, 0, 0, uint.MaxValue)];

    private readonly List<Socket> _sockets = [];

    public Socket Create(EndPoint endpoint)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        _sockets.Add(socket);
        return socket;
    }

    /// <summary>From now on drops the SYN segments of new connections. Clients repeat SYN after a second; by then the socket is closed and the connection is refused.</summary>
    public void DropNewConnections()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // The layout of struct sock_fprog: the number of instructions, and a pointer to them.
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
            // Some container sandboxes do not let a process attach a filter to its sockets. The edge then stops without the filter: closing a listening socket
            // may reset connections that the kernel has established but the edge has not accepted.
        }
        finally
        {
            program.Free();
        }
    }

    /// <summary>One instruction of a socket filter, in the layout of the Linux kernel: <c>struct sock_filter</c>.</summary>
    private readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Operand);
}
