using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;

namespace Cencori.Edge.Dashboard.Limits;

/// <summary>What limits mean, in words.</summary>
public static class LimitText
{
    /// <summary>Sets of limits to begin with, by the word that an address has for them.</summary>
    public static IReadOnlyList<(string Word, string Label, RateLimits Limits)> Presets { get; } =
    [
        ("small", "60 a minute", new(60, 60, null, null)),
        ("team", "600 a minute, bursts of 100", new(600, 100, null, null)),
        ("tokens", "600 a minute, 1 M tokens", new(600, 600, 1_000_000, null)),
        ("gentle", "60 a minute, 5 at once", new(60, 10, null, 5)),
        ("none", "No limits", new(null, null, null, null)),
    ];

    /// <summary><c>60 requests a minute, bursts of 60. Tokens: no limit. At once: no limit.</c></summary>
    public static string Sentence(RateLimits limits) =>
        $"{Requests(limits)}. {Of("Tokens", limits.TokensPerMinute, "a minute")}. {Of("At once", limits.ConcurrentRequests, limits.ConcurrentRequests == 1 ? "request" : "requests")}.";

    /// <summary>What is said of where they are kept.</summary>
    public static (string Text, string Badge) Of(LimitStore store) => store switch
    {
        LimitStore.Redis => ("In Redis: all edges share one balance.", "good"),
        LimitStore.Memory => ("In the memory of this edge. Other edges, if there are any, count for themselves.", ""),
        LimitStore.Local => ("Redis is away. Each edge goes on alone from the last balance it saw.", "warn"),
        LimitStore.Allow => ("Redis is away, and every request passes (RateLimiting:OnRedisFailure=Allow).", "bad"),
        _ => ("Redis is away, and every request is refused with 503 (RateLimiting:OnRedisFailure=Deny).", "bad"),
    };

    private static string Requests(RateLimits limits) => limits.RequestsPerMinute is { } rate
        ? $"{Numbers.Exact(rate)} {(rate == 1 ? "request" : "requests")} a minute, bursts of {Numbers.Exact(limits.Burst ?? rate)}"
        : "Requests: no limit";

    private static string Of(string what, long? limit, string unit) => limit is { } most ? $"{what}: {Numbers.Exact(most)} {unit}" : $"{what}: no limit";
}
