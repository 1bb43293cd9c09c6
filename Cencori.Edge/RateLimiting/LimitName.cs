namespace Cencori.Edge.RateLimiting;

/// <summary>The limits as callers see them in an error's <c>param</c>.</summary>
public static class LimitName
{
    public const string Requests = "requests";
    public const string Tokens = "tokens";
    public const string Concurrency = "concurrency";

    /// <summary>The limits could not be checked, because Redis is unavailable. Never used as <c>param</c>.</summary>
    public const string Unavailable = "unavailable";
}
