using System.Collections.Frozen;

namespace Cencori.Edge.Providers.Sandbox.Generation;

/// <summary>A string that a JSON schema allows. A <c>pattern</c> is ignored.</summary>
internal static class SampleText
{
    // Bounds what a schema can make the sandbox write.
    private const int MaxPadded = 10_000;

    private static readonly FrozenDictionary<string, string> Formats = new Dictionary<string, string>
    {
        ["date-time"] = "2026-01-01T00:00:00Z",
        ["date"] = "2026-01-01",
        ["time"] = "00:00:00Z",
        ["duration"] = "P1D",
        ["email"] = "user@example.com",
        ["hostname"] = "example.com",
        ["ipv4"] = "192.0.2.1",
        ["ipv6"] = "2001:db8::1",
        ["uri"] = "https://example.com/",
        ["uuid"] = "00000000-0000-4000-8000-000000000000",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The fixed sample of a known format, or else the text with a length in the bounds. The schema counts characters, not UTF-16 units.</summary>
    public static string Of(string text, string? format, int? shortest, int? longest)
    {
        if (format is not null && Formats.TryGetValue(format, out var sample))
        {
            return sample;
        }

        var (count, end) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            if (count >= longest)
            {
                break;
            }

            (count, end) = (count + 1, end + rune.Utf16SequenceLength);
        }

        var padded = Math.Min(MaxPadded, Math.Min(shortest ?? 0, longest ?? int.MaxValue));
        return text[..end] + new string('x', Math.Max(0, padded - count));
    }
}
