using Cencori.Edge.Admin;
using Cencori.Edge.Bodies;
using Cencori.Edge.Errors;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Dashboard;

/// <summary>
/// A change is made only from a page of ours. Two proofs are asked for, since each alone has failed others: the token that stands in our forms, and what
/// the browser says of where the request comes from.
/// </summary>
internal sealed class FormCheck(IAntiforgery antiforgery, IOptions<DashboardOptions> options, TimeProvider time)
{
    /// <summary>How long the edge waits for the bytes of a form, all pauses together.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    // Texts of prompts and agents are the largest thing that a page sends.
    private const long MaxBytes = 4 << 20;

    // Strangers send a token.
    private const long MaxBytesOfStrangers = 64 << 10;

    internal static readonly EdgeError Stale = EdgeError.Invalid("This form is no longer good, because you have signed in or out since it was shown. Go back, reload the page, and send it again.", "form");

    private static readonly EdgeError Foreign = EdgeError.Forbidden("This form was not sent from a page of this dashboard.", "origin");
    private static readonly EdgeError Unreadable = EdgeError.Invalid("The form could not be read.", "form");
    private static readonly EdgeError TooLarge = new(ErrorKind.RequestTooLarge, "The form is larger than this page takes.");
    private static readonly EdgeError TooSlow = new(ErrorKind.InvalidRequest, $"The form arrived too slowly: it must be here within {Timeout.TotalSeconds} s. Send it again.") { Status = StatusCodes.Status408RequestTimeout, IsFinal = false };

    private readonly string? _publicHost = Uri.TryCreate(options.Value.PublicUrl, UriKind.Absolute, out var uri) ? uri.Authority : null;

    /// <summary>Reads the form, and checks that it is one of ours.</summary>
    /// <param name="context">The request.</param>
    /// <param name="isOfStranger">Nobody is signed in.</param>
    /// <exception cref="RefusedException">It comes from elsewhere, cannot be read, is too large, or did not arrive in time.</exception>
    /// <exception cref="AntiforgeryValidationException">It has no token of this session.</exception>
    public async Task CheckAsync(HttpContext context, bool isOfStranger)
    {
        if (!IsFromHere(context.Request))
        {
            throw new RefusedException(Foreign);
        }

        context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = isOfStranger ? MaxBytesOfStrangers : MaxBytes;
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

    // A charset that nobody should use is not supported, and a part that ends too early is for the framework an error of reading.
    private static EdgeError? ErrorOf(Exception exception) => exception switch
    {
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => TooSlow,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => TooLarge,
        IOException or InvalidDataException or NotSupportedException => Unreadable,
        _ => null,
    };

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
            && ((Uri.TryCreate($"{uri.Scheme}://{request.Host}", UriKind.Absolute, out var here) && string.Equals(uri.Authority, here.Authority, StringComparison.OrdinalIgnoreCase))
                || string.Equals(uri.Authority, _publicHost, StringComparison.OrdinalIgnoreCase));
    }
}
