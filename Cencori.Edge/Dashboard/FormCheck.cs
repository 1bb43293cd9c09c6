using Cencori.Edge.Admin;
using Cencori.Edge.Bodies.Buffers;
using Cencori.Edge.Errors;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Dashboard;

/// <summary>
/// Refuses forms that do not come from a page of this dashboard (cross-site request forgery). A form needs two proofs, because each alone
/// has been circumvented in other products: the token in the form, and the browser's headers about the request's origin.
/// </summary>
internal sealed class FormCheck(IAntiforgery antiforgery, IOptions<DashboardOptions> options, TimeProvider time)
{
    /// <summary>Timeout for receiving the whole form.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    // Maximum size of a form. The largest texts in forms are prompts and the system prompts of agents.
    private const long MaxBytes = 4 << 20;

    // Maximum size of a form of a caller who is not signed in. Such a form contains at most a token.
    private const long MaxAnonymousBytes = 64 << 10;

    internal static readonly EdgeError Stale = EdgeError.Invalid("This form has expired, because you have signed in or out since it was shown. Go back, reload the page, and send the form again.", "form");

    private static readonly EdgeError Foreign = EdgeError.Forbidden("This form was not sent from a page of this dashboard.", "origin");
    private static readonly EdgeError Unreadable = EdgeError.Invalid("The form could not be read.", "form");
    private static readonly EdgeError TooLarge = new(ErrorKind.RequestTooLarge, "The form is too large for this page.");
    private static readonly EdgeError TooSlow = new(ErrorKind.InvalidRequest, $"The form arrived too slowly: it must arrive within {Timeout.TotalSeconds} s. Send it again.") { Status = StatusCodes.Status408RequestTimeout, IsFinal = false };

    private readonly string? _publicHost = Uri.TryCreate(options.Value.PublicUrl, UriKind.Absolute, out var uri) ? uri.Authority : null;

    /// <summary>Reads the request's form and checks that a page of this dashboard has sent it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="isAnonymous">True: the caller is not signed in.</param>
    /// <exception cref="RefusedException">The form comes from another site, is malformed or too large, or arrived too slowly.</exception>
    /// <exception cref="AntiforgeryValidationException">The form has no token of this session.</exception>
    public async Task CheckAsync(HttpContext context, bool isAnonymous)
    {
        if (!IsSameOrigin(context.Request))
        {
            throw new RefusedException(Foreign);
        }

        context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = isAnonymous ? MaxAnonymousBytes : MaxBytes;
        if (context.Request.HasFormContentType)
        {
            await ReadAsync(context);
        }

        await antiforgery.ValidateRequestAsync(context);
    }

    private async Task ReadAsync(HttpContext context)
    {
        using var body = new CallerStream(context.Request.BodyReader, Timeout, time);
        context.Request.Body = body;
        try
        {
            await context.Request.ReadFormAsync(context.RequestAborted);
        }
        catch (Exception exception) when (!ClientDisconnected.Is(exception) && ErrorOf(exception) is { } error)
        {
            throw new RefusedException(error);
        }
    }

    // Maps exceptions of reading a form to errors of the caller: an unsupported charset throws NotSupportedException, and a part that ends early throws
    // IOException.
    private static EdgeError? ErrorOf(Exception exception) => exception switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => TooSlow,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => TooLarge,
        IOException or InvalidDataException or NotSupportedException => Unreadable,
        _ => null,
    };

    private bool IsSameOrigin(HttpRequest request)
    {
        // Browsers send Sec-Fetch-Site only to https addresses and to localhost. Otherwise Origin is checked.
        var site = request.Headers["Sec-Fetch-Site"];
        if (site.Count > 0)
        {
            return site.Count == 1 && site[0] is "same-origin" or "none";
        }

        // The scheme of the origin is not compared, because a load balancer that ends TLS may not forward the scheme.
        return request.Headers.Origin is [var origin] && Uri.TryCreate(origin, UriKind.Absolute, out var uri)
            && ((Uri.TryCreate($"{uri.Scheme}://{request.Host}", UriKind.Absolute, out var here) && string.Equals(uri.Authority, here.Authority, StringComparison.OrdinalIgnoreCase))
                || string.Equals(uri.Authority, _publicHost, StringComparison.OrdinalIgnoreCase));
    }
}
