using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Routing.Attempts;

/// <summary>The priority of a request that waits for a target.</summary>
public enum WaitPriority
{
    /// <summary>Served after all other requests. Refused if half of the project's waiting places are taken.</summary>
    Low,
    Normal,
    High,
}

/// <summary>Reads the priority that callers set in a header.</summary>
internal static class WaitPriorities
{
    public const string Header = "X-Cencori-Priority";

    /// <summary>Null, or the error of an invalid header value.</summary>
    public static EdgeError? Check(IHeaderDictionary headers) =>
        headers[Header] is not { Count: > 0 } said || Read(said.ToString()) is not null ? null : EdgeError.Invalid($"{Header} must be 'low', 'normal' or 'high'.", Header);

    /// <summary>The priority of a request. Default <see cref="WaitPriority.Normal"/>. A publishable key cannot get high priority, because anybody can read it in a page.</summary>
    public static WaitPriority Of(Exchange exchange) =>
        Read(exchange.Context.Request.Headers[Header].ToString()) is not { } said ? WaitPriority.Normal
        : said == WaitPriority.High && exchange.Caller!.Key.Type == KeyType.Publishable ? WaitPriority.Normal
        : said;

    private static WaitPriority? Read(string said) =>
        said.Equals("low", StringComparison.OrdinalIgnoreCase) ? WaitPriority.Low
        : said.Equals("normal", StringComparison.OrdinalIgnoreCase) ? WaitPriority.Normal
        : said.Equals("high", StringComparison.OrdinalIgnoreCase) ? WaitPriority.High
        : null;
}
