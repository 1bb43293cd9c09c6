using System.Net;
using System.Net.Sockets;

namespace Cencori.Edge.Egress;

/// <summary>
/// Decides to which addresses the edge connects for projects: to the public internet, and to the networks in <see cref="Setting"/>. The check runs
/// for each connection, on the IP address of the connection, because a host name may resolve to another address a moment later.
/// </summary>
/// <param name="allowed">Networks that are allowed in addition to the public internet.</param>
public sealed class EgressGuard(IReadOnlyList<IPNetwork> allowed)
{
    /// <summary>Name of the setting with allowed addresses and networks (<c>10.0.0.0/8</c>), separated by commas or spaces. Default: none.</summary>
    public const string Setting = "Egress:AllowedNetworks";

    /// <summary>The reason in the error response when an address is refused.</summary>
    public const string Reason = "address_not_allowed";

    private readonly bool _allowsAll = allowed.Count(network => network.PrefixLength == 0) > 1;

    /// <summary>True for an address that is neither public nor allowed, and for the edge's own addresses unless they are allowed.</summary>
    public bool Refuses(IPAddress address)
    {
        var embedded = PublicAddresses.EmbeddedOrSelf(address);
        return !allowed.Any(network => network.Contains(address) || network.Contains(embedded)) && (!PublicAddresses.Has(embedded) || OwnAddresses.Has(embedded));
    }

    /// <summary>Connects to an allowed address of the host. The connect callback of HTTP clients.</summary>
    /// <exception cref="RefusedAddressException">The name resolves to no allowed address.</exception>
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

    /// <summary>Checks a host before a proxy connects to it. The proxy resolves the host name itself and may use any of the host's addresses.</summary>
    /// <exception cref="HttpRequestException">One of the addresses is not allowed, or the name cannot be resolved.</exception>
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

    // The framework's DNS lookup rejects some literal addresses, such as 0.0.0.0 (this machine). So literals are parsed without the lookup.
    private static async ValueTask<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
        IPAddress.TryParse(host, out var address) ? [address] : await Dns.GetHostAddressesAsync(host, cancellationToken);
}
