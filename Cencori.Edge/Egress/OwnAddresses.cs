using System.Net;
using System.Net.Sockets;

namespace Cencori.Edge.Egress;

/// <summary>Recognises the addresses of the machine, or the container, on which the edge runs.</summary>
public static class OwnAddresses
{
    private const int AnyPort = 9;

    /// <summary>True if a packet to <paramref name="address"/> would stay on this machine. Sends no packet.</summary>
    public static bool Has(IPAddress address)
    {
        try
        {
            // Connect on UDP only chooses a route and a source address. The source address of a local target is the target itself.
            using var way = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            way.Connect(address, AnyPort);
            return way.LocalEndPoint is IPEndPoint from && from.Address.Equals(address);
        }
        catch (SocketException)
        {
            // No route to this address.
            return false;
        }
    }
}
