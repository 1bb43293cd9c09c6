using System.Buffers;

namespace Cencori.Edge.Policies.Detectors.Secrets;

/// <summary>Finds the edge's own keys and its generated admin token, whatever text is around them.</summary>
internal sealed class OwnKeyDetector() : HeadedDetector(Heads, SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_"), 4 + Digits)
{
    /// <summary>Number of digits after the prefix.</summary>
    internal const int Digits = 48;

    /// <summary>Copies of the prefixes in the Keys folder. This folder must not depend on the Keys folder. A test keeps both lists equal.</summary>
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
