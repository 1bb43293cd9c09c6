using System.Text;

namespace Cencori.Edge.Models;

/// <summary>Normalizes the names of providers' service tiers. Each tier has its own prices.</summary>
internal static class ServiceTiers
{
    // Names in requests and responses that mean the tier with the ordinary prices.
    private static readonly string?[] Ordinary = ["", "auto", "default", "standard", "standard_only", "on_demand", "scale"];

    /// <summary>True if the provider chooses the tier and has not reported it.</summary>
    public static bool IsUndecided(ReadOnlySpan<byte> name) => name.IsEmpty || name.SequenceEqual("auto"u8);

    /// <param name="name">The tier in a request or a response.</param>
    /// <returns>Null: the ordinary tier.</returns>
    public static string? Find(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || name.SequenceEqual("default"u8))
        {
            return null;
        }

        // OpenAI accepts "fast" in requests and reports "priority" in responses.
        var tier = Encoding.UTF8.GetString(name).Trim().ToLowerInvariant();
        return tier == "fast" ? "priority" : Array.IndexOf(Ordinary, tier) < 0 ? tier : null;
    }
}
