using System.Buffers;

namespace Cencori.Edge.Policies.Detectors;

/// <summary>The edge's own keys and its generated admin token, whatever stands around them.</summary>
internal sealed class OwnKeyDetector() : HeadedDetector(Heads, SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_"), 4 + Digits)
{
    /// <summary>Digits that follow a head.</summary>
    internal const int Digits = 48;

    /// <summary>As in the folder of keys, which comes after this one; a test holds the two together.</summary>
    internal static readonly string[] Heads = ["csk_test_", "cpk_test_", "csk_", "cpk_", "cake_", "cadm_"];

    protected override Candidate Check(ReadOnlySpan<char> text, int at)
    {
        foreach (var head in Heads)
        {
            if (!text[at..].StartsWith(head, StringComparison.Ordinal))
            {
                continue;
            }

            var rest = text[(at + head.Length)..];
            var run = rest[..Math.Min(rest.Length, Digits)].IndexOfAnyExcept(KeyAlphabet.Hex.Characters);
            if (run < 0 && rest.Length >= Digits)
            {
                return new Candidate(at, head.Length + Digits, false);
            }

            if (run < 0)
            {
                return new Candidate(at, 0, true);
            }
        }

        return default;
    }
}
