using Cencori.Edge.Errors;
using Cencori.Edge.Storage;
using Microsoft.Extensions.Primitives;

namespace Cencori.Edge.Keys;

/// <summary>
/// Cross-origin rules for browsers. A preflight shows no key, so it is answered for any origin and promises nothing. A response may be
/// read only by a page whose origin the publishable key lists; an error of the edge, which holds nothing of anybody's, by any page,
/// whose developer else sees a fetch that failed and no reason. Credentials mode is never allowed, and the administration to no page.
/// </summary>
public sealed class CorsMiddleware(RequestDelegate next)
{
    private const string AllowedMethods = "GET, POST, PATCH, DELETE, OPTIONS";
    private const string PrivateNetwork = "Access-Control-Request-Private-Network";

    // What the official clients of OpenAI and Anthropic send from browsers is among them.
    private static readonly string AllowedHeaders =
        $"Authorization, {string.Join(", ", PresentedKey.HeaderNames)}, Content-Type, User-Agent, X-Request-Id, X-Agent-ID, X-Skip-Cache, X-Cencori-App, "
        + "X-Cencori-User-IP, X-Cencori-User-Country, X-Cencori-Prompt, X-Cencori-Prompt-Vars, X-Cencori-Provider, X-Cencori-Session, X-Cencori-Fallback, X-Cencori-Priority, "
        + "OpenAI-Organization, OpenAI-Project, OpenAI-Beta, Idempotency-Key, anthropic-version, anthropic-beta, anthropic-dangerous-direct-browser-access";

    private const string ExposedHeaders =
        "X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, x-ratelimit-limit-requests, "
        + "x-ratelimit-remaining-requests, x-ratelimit-reset-requests, x-ratelimit-limit-tokens, "
        + "x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens, Retry-After, retry-after-ms, x-should-retry, Server-Timing, "
        + "request-id, X-Provider, X-Cencori-Limited-By, X-Cencori-Refused-By, X-Cencori-Provider-Request-Id, "
        + "x-cencori-provider, x-cencori-model, x-cencori-route, x-cencori-attempts, x-cencori-fallback, X-Cencori-Memory-Retrieved";

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (StringValues.IsNullOrEmpty(request.Headers.Origin))
        {
            return next(context);
        }

        if (IsPreflight(request) && IsOrigin(request.Headers.Origin) && !IsOfAdministration(context))
        {
            RespondToPreflight(context);
            return Task.CompletedTask;
        }

        // Set as late as possible: the proxy clears the headers of a response that it has to give up.
        context.Response.OnStarting(
            static state =>
            {
                AllowOrigin((HttpContext)state);
                return Task.CompletedTask;
            },
            context);
        return next(context);
    }

    private static bool IsPreflight(HttpRequest request) => HttpMethods.IsOptions(request.Method) && request.Headers.ContainsKey("Access-Control-Request-Method");

    // Of several nobody knows which is meant, and no browser sends other characters: a header could not repeat them.
    private static bool IsOrigin(StringValues origin) => origin.Count == 1 && !origin[0].AsSpan().ContainsAnyExceptInRange('!', '~');

    private static void AllowOrigin(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.Append("Vary", "Origin");
        if (IsOrigin(context.Request.Headers.Origin)
            && (IsOpenToAll(context)
                || (context.GetCaller() is { Key.Type: KeyType.Publishable } caller && AllowedOrigin.Matches(context.Request.Headers, caller.Key.AllowedDomains))))
        {
            headers.AccessControlAllowOrigin = context.Request.Headers.Origin;
            headers.AccessControlExposeHeaders = ExposedHeaders;
        }
    }

    private static bool IsOpenToAll(HttpContext context) => context.GetRefusal() is not null && !IsOfAdministration(context);

    // It is for no page of another origin, and so no browser has to ask whether it is.
    private static bool IsOfAdministration(HttpContext context) => context.Features.Get<IErrorFeature>() is not { IsOfAdministration: false };

    private static void RespondToPreflight(HttpContext context)
    {
        var (asked, headers) = (context.Request.Headers, context.Response.Headers);
        headers.Append("Vary", $"Origin, Access-Control-Request-Headers, {PrivateNetwork}");
        headers.AccessControlAllowOrigin = asked.Origin;
        headers.AccessControlAllowMethods = AllowedMethods;
        headers.AccessControlAllowHeaders = AllowedHeaders + SdkHeaders(asked.AccessControlRequestHeaders);
        headers.AccessControlMaxAge = "86400";
        if (asked[PrivateNetwork] == "true")
        {
            // A page of the internet, and an edge in a network of its reader's: the key decides, as everywhere.
            headers["Access-Control-Allow-Private-Network"] = "true";
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    // The official JavaScript SDK sends a changing set of headers with this prefix from browsers too.
    private static string SdkHeaders(StringValues requested) => string.Concat(
        requested.ToString().Split(',', StringSplitOptions.TrimEntries)
            .Where(name => name.StartsWith("x-stainless-", StringComparison.OrdinalIgnoreCase) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            .Select(name => ", " + name));
}
