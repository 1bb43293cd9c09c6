using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Dashboard.Limits;

/// <summary>Describes limits in words.</summary>
public static class LimitText
{
    /// <summary>Presets for the limits form. <c>Word</c> is the value of <c>preset</c> in the URL of the limits page.</summary>
    public static IReadOnlyList<(string Word, string Label, RateLimits Limits)> Presets { get; } =
    [
        ("small", "60 a minute", new(60, 60, null, null)),
        ("team", "600 a minute, bursts of 100", new(600, 100, null, null)),
        ("tokens", "600 a minute, 1 M tokens", new(600, 600, 1_000_000, null)),
        ("gentle", "60 a minute, 5 at once", new(60, 10, null, 5)),
        ("none", "No limits", new(null, null, null, null)),
    ];

    /// <summary>Example: <c>60 requests a minute, bursts of 60. Tokens: no limit. At once: no limit.</c></summary>
    public static string Sentence(RateLimits limits) =>
        $"{Requests(limits)}. {Of("Tokens", limits.TokensPerMinute, "a minute")}. {Of("At once", limits.ConcurrentRequests, limits.ConcurrentRequests == 1 ? "request" : "requests")}.";

    /// <summary>Where the limits are counted, as text and badge class.</summary>
    public static (string Text, string Badge) Of(LimitStore store) => store switch
    {
        LimitStore.Redis => ("In Redis: all edges share one balance.", "good"),
        LimitStore.Memory => ("In the memory of this edge. Other edges, if there are any, count separately.", ""),
        LimitStore.Local => ("Redis is unavailable. Each edge counts alone, beginning with the last balance that it read from Redis.", "warn"),
        LimitStore.Allow => ("Redis is unavailable, so the edge checks no rate limits (RateLimiting:OnRedisFailure=Allow).", "bad"),
        _ => ("Redis is unavailable, and every request is refused with 503 (RateLimiting:OnRedisFailure=Deny).", "bad"),
    };

    private static string Requests(RateLimits limits) => limits.RequestsPerMinute is { } rate
        ? $"{Numbers.Exact(rate)} {(rate == 1 ? "request" : "requests")} a minute, bursts of {Numbers.Exact(limits.Burst ?? rate)}"
        : "Requests: no limit";

    private static string Of(string what, long? limit, string unit) => limit is { } max ? $"{what}: {Numbers.Exact(max)} {unit}" : $"{what}: no limit";
}
