using System.Net;
using System.Net.Sockets;

namespace Cencori.Edge.Egress;

/// <summary>The addresses of the machine, or the container, that the edge runs on.</summary>
public static class OwnAddresses
{
    private const int AnyPort = 9;

    /// <summary>Whether what is sent to this address would stay here. Nothing is sent to find out.</summary>
    public static bool Has(IPAddress address)
    {
        try
        {
            // The system chooses the way, and with it the address that a packet would come from: its own target where that is here.
            using var way = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            way.Connect(address, AnyPort);
            return way.LocalEndPoint is IPEndPoint from && from.Address.Equals(address);
        }
        catch (SocketException)
        {
            // There is no way to it.
            return false;
        }
    }
}
