using System.Net;
using Cencori.Edge.Errors;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Dashboard;

/// <summary>
/// The address at which people open the dashboard, where the operator has said it. Another site can give a name of its own to the edge's address, and
/// then its scripts would count as ours.
/// </summary>
internal sealed class PageAddress(IOptions<DashboardOptions> options)
{
    private readonly Uri? _address = Uri.TryCreate(options.Value.PublicUrl, UriKind.Absolute, out var uri) ? uri : null;

    /// <summary>What a balancer that ends TLS does not tell is known of a request to the public name: people come to it over TLS.</summary>
    /// <returns>Why the request is refused; null: it is not.</returns>
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

        // An address cannot be given to another, and this machine's own name leads nowhere else.
        return IPAddress.TryParse(host.Trim('[', ']'), out _) || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? null
            : EdgeError.Invalid($"This dashboard is at {_address.GetLeftPart(UriPartial.Authority)}{DashboardOptions.Path}.", "host") with { Status = StatusCodes.Status421MisdirectedRequest };
    }
}
