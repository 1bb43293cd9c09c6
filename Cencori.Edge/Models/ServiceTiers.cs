using System.Text;

namespace Cencori.Edge.Models;

/// <summary>Names of the tiers in which providers serve requests, at prices of their own.</summary>
internal static class ServiceTiers
{
    // As requests and responses may have it.
    private static readonly string?[] Ordinary = ["", "auto", "default", "standard", "standard_only", "on_demand", "scale"];

    /// <summary>The provider chooses, and has not said what.</summary>
    public static bool IsUndecided(ReadOnlySpan<byte> name) => name.IsEmpty || name.SequenceEqual("auto"u8);

    /// <param name="name">As a request asks for it, or a response tells it.</param>
    /// <returns>Null: the ordinary one.</returns>
    public static string? Find(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || name.SequenceEqual("default"u8))
        {
            return null;
        }

        // What OpenAI lets be asked for as one, it tells as the other.
        var tier = Encoding.UTF8.GetString(name).Trim().ToLowerInvariant();
        return tier == "fast" ? "priority" : Array.IndexOf(Ordinary, tier) < 0 ? tier : null;
    }
}
