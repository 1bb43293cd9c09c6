using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Cencori.Edge.Policies.Detectors;

/// <summary>Runs of the characters that keys are made of. Those of ordinary words are too short to hold a key, and are stepped over eight characters at a time.</summary>
internal static class LongRuns
{
    /// <summary>Each longer run has a block of eight that is looked at.</summary>
    public const int Least = 15;

    private static readonly int Block = Vector128<ushort>.Count;

    /// <summary>The next run of at least so many characters; -1: there is none.</summary>
    /// <param name="text">Where it is looked for.</param>
    /// <param name="from">Where it may begin.</param>
    /// <param name="least">At least <see cref="Least"/>.</param>
    /// <param name="characters">Some of <see cref="KeyAlphabet.All"/>.</param>
    /// <param name="end">Where it ends.</param>
    public static int Next(ReadOnlySpan<char> text, int from, int least, SearchValues<char> characters, out int end)
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
            if (end - start >= least)
            {
                return start;
            }

            from = at = end + 1;
        }

        end = text.Length;
        return -1;
    }

    // Letters, digits, and whatever stands between + and : or is _ or =: a few more than there are in keys.
    private static bool MayBelong(ReadOnlySpan<char> text)
    {
        var block = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(MemoryMarshal.Cast<char, ushort>(text)));
        var letters = Vector128.LessThan((block | Vector128.Create((ushort)0x20)) - Vector128.Create((ushort)'a'), Vector128.Create((ushort)26));
        var others = Vector128.LessThan(block - Vector128.Create((ushort)'+'), Vector128.Create((ushort)(':' - '+' + 1)));
        var marks = Vector128.Equals(block, Vector128.Create((ushort)'_')) | Vector128.Equals(block, Vector128.Create((ushort)'='));
        return (letters | others | marks) == Vector128<ushort>.AllBitsSet;
    }
}
