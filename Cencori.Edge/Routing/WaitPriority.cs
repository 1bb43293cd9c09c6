using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Routing;

/// <summary>Which of those that wait goes first.</summary>
public enum WaitPriority
{
    /// <summary>After all others, and refused where half of the room is taken.</summary>
    Low,
    Normal,
    High,
}

/// <summary>What callers say of it.</summary>
internal static class WaitPriorities
{
    public const string Header = "X-Cencori-Priority";

    /// <summary>Null, or what is wrong with what the caller says.</summary>
    public static EdgeError? Check(IHeaderDictionary headers) =>
        headers[Header] is not { Count: > 0 } said || Read(said.ToString()) is not null ? null : EdgeError.Invalid($"{Header} is 'low', 'normal' or 'high'.", Header);

    /// <summary>Default <see cref="WaitPriority.Normal"/>. What anybody can read in a page comes before nobody.</summary>
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
