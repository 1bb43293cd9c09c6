using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Cencori.Edge.Policies.Detectors.Secrets;

namespace Cencori.Edge.Policies.Detectors;

/// <summary>Finds long runs of key characters. Runs in ordinary words are too short for a key, and are skipped eight characters at a time.</summary>
internal static class LongRuns
{
    /// <summary>Length of the shortest run that can be searched. Every run of this length contains an aligned block of eight characters.</summary>
    public const int Min = 15;

    private static readonly int Block = Vector128<ushort>.Count;

    /// <summary>Start of the next run of at least <paramref name="min"/> characters. -1 when there is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="from">Start of the search.</param>
    /// <param name="min">At least <see cref="Min"/>.</param>
    /// <param name="characters">A subset of <see cref="KeyAlphabet.All"/>.</param>
    /// <param name="end">End of the run.</param>
    public static int Next(ReadOnlySpan<char> text, int from, int min, SearchValues<char> characters, out int end)
    {
        for (var at = from; at + Block <= text.Length;)
        {
            if (!MayBelong(text[at..]))
            {
                at += Block;
                continue;
            }

            var foreign = text[from..at].LastIndexOfAnyExcept(characters);
            var start = from + foreign + 1;
            var length = text[at..].IndexOfAnyExcept(characters);
            end = length < 0 ? text.Length : at + length;
            if (end - start >= min)
            {
                return start;
            }

            from = at = end + 1;
        }

        end = text.Length;
        return -1;
    }

    // True when all eight characters may belong to a key: letters, digits, all characters from + to :, and _ and =. That is slightly more than keys contain.
    private static bool MayBelong(ReadOnlySpan<char> text)
    {
        var block = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(MemoryMarshal.Cast<char, ushort>(text)));
        var letters = Vector128.LessThan((block | Vector128.Create((ushort)0x20)) - Vector128.Create((ushort)'a'), Vector128.Create((ushort)26));
        var others = Vector128.LessThan(block - Vector128.Create((ushort)'+'), Vector128.Create((ushort)(':' - '+' + 1)));
        var marks = Vector128.Equals(block, Vector128.Create((ushort)'_')) | Vector128.Equals(block, Vector128.Create((ushort)'='));
        return (letters | others | marks) == Vector128<ushort>.AllBitsSet;
    }
}
