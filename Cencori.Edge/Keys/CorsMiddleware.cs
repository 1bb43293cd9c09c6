using Cencori.Edge.Errors;
using Cencori.Edge.Storage;
using Microsoft.Extensions.Primitives;

namespace Cencori.Edge.Keys;

/// <summary>
/// Cross-origin rules for browsers. A preflight carries no key, so the edge accepts preflights from any origin, which grants nothing. Only pages whose
/// origin the publishable key lists can read a response. Any page can read an error of the edge, because errors contain no project data. Without the
/// error, the page's developer would see a failed fetch without a reason. Credentials mode is never allowed. No page of another origin may read the
/// administration.
/// </summary>
public sealed class CorsMiddleware(RequestDelegate next)
{
    private const string AllowedMethods = "GET, POST, PATCH, DELETE, OPTIONS";
    private const string PrivateNetwork = "Access-Control-Request-Private-Network";

    // Includes the headers that the official clients of OpenAI and Anthropic send from browsers.
    private static readonly string AllowedHeaders =
        $"Authorization, {string.Join(", ", PresentedKey.HeaderNames)}, Content-Type, User-Agent, X-Request-Id, X-Agent-ID, X-Skip-Cache, X-Cencori-App, "
        + "X-Cencori-User-IP, X-Cencori-User-Country, X-Cencori-Prompt, X-Cencori-Prompt-Vars, X-Cencori-Provider, X-Cencori-Session, X-Cencori-Fallback, X-Cencori-Priority, "
        + "OpenAI-Organization, OpenAI-Project, OpenAI-Beta, Idempotency-Key, anthropic-version, anthropic-beta, anthropic-dangerous-direct-browser-access";

    private const string ExposedHeaders =
        "X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, x-ratelimit-limit-requests, "
        + "x-ratelimit-remaining-requests, x-ratelimit-reset-requests, x-ratelimit-limit-tokens, "
        + "x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens, Retry-After, retry-after-ms, x-should-retry, openai-poll-after-ms, Server-Timing, "
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

        // The headers are set as late as possible, because the proxy clears the headers of a response that it abandons.
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

    // Several Origin values are ambiguous. Browsers send only visible ASCII characters. A response header could not repeat other characters.
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

    // No page of another origin may use the administration, so the edge does not accept preflights there.
    private static bool IsOfAdministration(HttpContext context) => context.Features.Get<IErrorFeature>() is not { IsOfAdministration: false };

    private static void RespondToPreflight(HttpContext context)
    {
        var (requestHeaders, headers) = (context.Request.Headers, context.Response.Headers);
        headers.Append("Vary", $"Origin, Access-Control-Request-Headers, {PrivateNetwork}");
        headers.AccessControlAllowOrigin = requestHeaders.Origin;
        headers.AccessControlAllowMethods = AllowedMethods;
        headers.AccessControlAllowHeaders = AllowedHeaders + SdkHeaders(requestHeaders.AccessControlRequestHeaders);
        headers.AccessControlMaxAge = "86400";
        if (requestHeaders[PrivateNetwork] == "true")
        {
            // Lets a public web page call an edge in its visitor's private network. The key decides about access, as everywhere.
            headers["Access-Control-Allow-Private-Network"] = "true";
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    // In browsers, the JavaScript SDKs of OpenAI and Anthropic also send headers with the prefix below. Their names differ between versions of the SDKs.
    private static string SdkHeaders(StringValues requested) => string.Concat(
        requested.ToString().Split(',', StringSplitOptions.TrimEntries)
            .Where(name => name.StartsWith("x-stainless-", StringComparison.OrdinalIgnoreCase) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            .Select(name => ", " + name));
}
