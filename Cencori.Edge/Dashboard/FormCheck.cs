using Cencori.Edge.Admin;
using Cencori.Edge.Errors;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Dashboard;

/// <summary>
/// A change is made only from a page of ours. Two proofs are asked for, since each alone has failed others: the token that stands in our forms, and what
/// the browser says of where the request comes from.
/// </summary>
internal sealed class FormCheck(IAntiforgery antiforgery, IOptions<DashboardOptions> options)
{
    internal static readonly EdgeError Stale = EdgeError.Invalid("This form is no longer good, because you have signed in or out since it was shown. Go back, reload the page, and send it again.", "form");

    private static readonly EdgeError Foreign = EdgeError.Forbidden("This form was not sent from a page of this dashboard.", "origin");

    private readonly string? _publicHost = Uri.TryCreate(options.Value.PublicUrl, UriKind.Absolute, out var uri) ? uri.Authority : null;

    /// <exception cref="RefusedException">It comes from elsewhere.</exception>
    /// <exception cref="AntiforgeryValidationException">It has no token of this session.</exception>
    public async Task CheckAsync(HttpContext context)
    {
        if (!IsFromHere(context.Request))
        {
            throw new RefusedException(Foreign);
        }

        await antiforgery.ValidateRequestAsync(context);
    }

    private bool IsFromHere(HttpRequest request)
    {
        // Browsers say it where the page came over TLS or from this machine.
        var site = request.Headers["Sec-Fetch-Site"];
        if (site.Count > 0)
        {
            return site.Count == 1 && site[0] is "same-origin" or "none";
        }

        // The scheme is not compared: a balancer that ends TLS may not have told it.
        return request.Headers.Origin is [var origin] && Uri.TryCreate(origin, UriKind.Absolute, out var uri)
            && (string.Equals(uri.Authority, new Uri($"{uri.Scheme}://{request.Host}").Authority, StringComparison.OrdinalIgnoreCase)
                || string.Equals(uri.Authority, _publicHost, StringComparison.OrdinalIgnoreCase));
    }
}
