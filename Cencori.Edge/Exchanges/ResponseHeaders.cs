using System.Globalization;
using Cencori.Edge.Errors;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Exchanges;

/// <summary>Writes the edge's own headers to every response.</summary>
internal static class ResponseHeaders
{
    private const string ServerTiming = "Server-Timing";
    private const string Provider = "X-Provider";
    private const string Recalled = "X-Cencori-Memory-Retrieved";
    private const string ProviderRequestId = "x-cencori-provider-request-id";

    public static void Write(Exchange exchange)
    {
        var headers = exchange.Context.Response.Headers;
        headers[RequestId.HeaderName] = exchange.Context.TraceIdentifier;
        if (exchange.Endpoint.Errors == ErrorDialect.Anthropic)
        {
            headers[RequestId.AnthropicHeaderName] = exchange.Context.TraceIdentifier;
        }

        headers[ServerTiming] = Timing(exchange);
        if (exchange.Last is { } attempt)
        {
            WriteAttempt(headers, exchange, attempt);
        }

        if (exchange.Recalled is { } recalled)
        {
            headers[Recalled] = recalled.ToString(CultureInfo.InvariantCulture);
        }

        if (exchange.Reservation is { } reservation)
        {
            RateLimitHeaders.Write(headers, reservation, exchange.Clock.Time);
        }
    }

    private static void WriteAttempt(IHeaderDictionary headers, Exchange exchange, Attempt attempt)
    {
        if (exchange.Endpoint.IsNative)
        {
            headers[Provider] = attempt.Provider.Id;
        }

        if (attempt.FailoverPolicy is not null || exchange.Route is not null)
        {
            WriteChoice(headers, exchange, attempt);
        }

        if (attempt.ProviderRequestId is { } id)
        {
            headers[ProviderRequestId] = id;
        }

        if (attempt.CreatedPath is { } place)
        {
            headers.Location = exchange.Path.ToUriComponent().TrimEnd('/') + place;
        }
    }

    // Reports the chosen target. Called only for requests that have more than one possible target.
    private static void WriteChoice(IHeaderDictionary headers, Exchange exchange, Attempt attempt)
    {
        headers["x-cencori-provider"] = attempt.Provider.Id;
        if (attempt.Model is { } model && !model.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            headers["x-cencori-model"] = model;
        }

        if (exchange.Route is { } route && !route.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            headers["x-cencori-route"] = route;
        }

        headers["x-cencori-attempts"] = exchange.Attempts.Count.ToString(CultureInfo.InvariantCulture);
        if (exchange.Fallback is { } reason)
        {
            headers["x-cencori-fallback"] = reason;
        }
    }

    // Milliseconds with three decimals, from whole microseconds: formatting a floating-point number is slower.
    private static string Timing(Exchange exchange)
    {
        var time = exchange.Clock.Time;
        var own = time.GetElapsedTime(0, exchange.OwnTicks(time.GetTimestamp()));
        var (milliseconds, microseconds) = Math.DivRem(Math.Max(0, own.Ticks) / TimeSpan.TicksPerMicrosecond, 1_000);
        return string.Create(CultureInfo.InvariantCulture, $"edge;dur={milliseconds}.{microseconds:d3}");
    }
}
