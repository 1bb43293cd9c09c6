using System.Net;
using System.Net.Sockets;

namespace Cencori.Edge.Egress;

/// <summary>
/// Where the edge connects to for projects: to the public internet, and to what the operator opens in <see cref="Setting"/>. Asked
/// whenever a connection is made, of the address that is connected to: a name may lead elsewhere a moment later.
/// </summary>
/// <param name="allowed">Networks that are open beside the public internet.</param>
public sealed class EgressGuard(IReadOnlyList<IPNetwork> allowed)
{
    /// <summary>Addresses and networks (<c>10.0.0.0/8</c>), separated by commas or spaces. Default none.</summary>
    public const string Setting = "Egress:AllowedNetworks";

    /// <summary>Why a provider cannot be reached, beside the error's code.</summary>
    public const string Reason = "address_not_allowed";

    private readonly bool _allowsAll = allowed.Count(network => network.PrefixLength == 0) > 1;

    /// <summary>True for what is neither public nor opened, and for the edge's own addresses where they are not opened.</summary>
    public bool Refuses(IPAddress address)
    {
        var meant = PublicAddresses.Meant(address);
        return !allowed.Any(network => network.Contains(address) || network.Contains(meant)) && (!PublicAddresses.Has(meant) || OwnAddresses.Has(meant));
    }

    /// <summary>Takes the place of a client's own way to connect.</summary>
    /// <exception cref="RefusedAddressException">The name has no address that is open.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var addresses = await ResolveAsync(context.DnsEndPoint.Host, cancellationToken);
        var open = Array.FindAll(addresses, address => !Refuses(address));
        if (open.Length == 0)
        {
            throw new RefusedAddressException();
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(open, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Before a proxy is asked to connect, which looks the name up itself and may take any of its addresses.</summary>
    /// <exception cref="HttpRequestException">One of them is refused, or they are not known here.</exception>
    public async ValueTask CheckAsync(string host, CancellationToken cancellationToken)
    {
        if (_allowsAll)
        {
            return;
        }

        IPAddress[] addresses;
        try
        {
            addresses = await ResolveAsync(host, cancellationToken);
        }
        catch (SocketException exception)
        {
            throw new HttpRequestException(HttpRequestError.NameResolutionError, exception.Message, exception);
        }

        if (addresses.Length == 0 || Array.Exists(addresses, Refuses))
        {
            var refused = new RefusedAddressException();
            throw new HttpRequestException(HttpRequestError.ConnectionError, refused.Message, refused);
        }
    }

    // The framework looks up an address, too, but not one that it holds for no target, such as 0.0.0.0, which is this machine.
    private static async ValueTask<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
        IPAddress.TryParse(host, out var address) ? [address] : await Dns.GetHostAddressesAsync(host, cancellationToken);
}
