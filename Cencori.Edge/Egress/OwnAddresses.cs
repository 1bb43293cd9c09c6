using System.Net;
using System.Net.Sockets;

namespace Cencori.Edge.Egress;

/// <summary>The addresses of the machine, or the container, that the edge runs on.</summary>
public static class OwnAddresses
{
    private const int AnyPort = 9;

    /// <summary>True if a packet to this address would stay on this machine. No packet is sent to find out.</summary>
    public static bool Has(IPAddress address)
    {
        try
        {
            // Connect on UDP only chooses a route and a source address. For a local target the source equals the target.
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
