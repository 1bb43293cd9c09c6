using System.Net;
using Cencori.Edge.Errors;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Dashboard;

/// <summary>
/// Refuses requests to a host other than that of <c>Dashboard:PublicUrl</c>. Otherwise an attacker could point their own host name at the edge's IP address
/// (DNS rebinding), and their scripts would count as same-origin.
/// </summary>
internal sealed class PageAddress(IOptions<DashboardOptions> options)
{
    private readonly Uri? _address = Uri.TryCreate(options.Value.PublicUrl, UriKind.Absolute, out var uri) ? uri : null;

    /// <summary>Checks the host. A request to the public host gets the scheme of the public URL: a load balancer that ends TLS may omit it.</summary>
    /// <returns>Why the request is refused; null: it is allowed.</returns>
    public EdgeError? Apply(HttpRequest request)
    {
        if (_address is null)
        {
            return null;
        }

        var host = request.Host.Host;
        if (string.Equals(host, _address.Host, StringComparison.OrdinalIgnoreCase))
        {
            request.Scheme = _address.Scheme;
            return null;
        }

        // An IP address or "localhost" is allowed as the host: an attacker cannot control where they lead.
        return IPAddress.TryParse(host.Trim('[', ']'), out _) || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? null
            : EdgeError.Invalid($"This dashboard is at {_address.GetLeftPart(UriPartial.Authority)}{DashboardOptions.Path}.", "host") with { Status = StatusCodes.Status421MisdirectedRequest };
    }
}
