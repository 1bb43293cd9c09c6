using System.Collections.Frozen;
using System.Text;

namespace Cencori.Edge.Screening;

/// <summary>Words of an API, to be found as they stand in JSON: without escapes.</summary>
internal sealed class WordSet(params string[] words)
{
    /// <summary>Of a word, in bytes. What is longer is none.</summary>
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
