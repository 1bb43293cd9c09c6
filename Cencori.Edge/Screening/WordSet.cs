using System.Collections.Frozen;
using System.Text;

namespace Cencori.Edge.Screening;

/// <summary>A set of words that APIs define. Compared with the raw JSON text, so an escaped word is not in the set.</summary>
internal sealed class WordSet(params string[] words)
{
    /// <summary>Length of the longest word, in bytes. Longer input is never in the set.</summary>
    public const int Longest = 64;

    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _words = words.ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    public bool Has(ReadOnlySpan<byte> word)
    {
        if (word.Length > Longest)
        {
            return false;
        }

        Span<char> characters = stackalloc char[Longest];
        return _words.Contains(characters[..Encoding.Latin1.GetChars(word, characters)]);
    }
}
