using System.Buffers;
using System.Text.Unicode;

namespace Cencori.Edge.Policies.Detectors.Scanning;

/// <summary>Finds runs of encoded text inside a text: base64, base64url, or hexadecimal digits.</summary>
public static class EncodedRuns
{
    /// <summary>Maximum number of bytes decoded of one run. The rest of a longer run is not decoded.</summary>
    public const int MaxDecoded = 4096;

    /// <summary>Maximum number of characters read of one run: a prefix and two hexadecimal digits for each decoded byte, or words of at most
    /// <see cref="MaxWords"/> characters and base64. The result for a run of this length does not change when more text follows.</summary>
    public const int MaxRead = 2 + (2 * MaxDecoded);

    /// <summary>Maximum number of characters before base64 in the same run, such as the words of a path.</summary>
    public const int MaxWords = MaxRead - (((MaxDecoded * 4) + 2) / 3);

    private const int Shortest = 24;
    private const int MaxBeginnings = 4;

    private static readonly SearchValues<char> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_");
    private static readonly SearchValues<char> Signs = SearchValues.Create("+/-_");
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>Finds the next run that decodes to text.</summary>
    /// <param name="text">The form that <see cref="ScannedText"/> produces.</param>
    /// <param name="at">Start of the search; on return, the place to continue.</param>
    /// <param name="decoded">Receives the decoded text; at least <see cref="MaxDecoded"/> long. Pass the text through <see cref="ScannedText"/> before detectors read it.</param>
    /// <param name="run">The whole run. Replace it if the decoded text has a finding.</param>
    /// <param name="length">Length of the decoded text.</param>
    public static bool TryNext(ReadOnlySpan<char> text, ref int at, Span<char> decoded, out Finding run, out int length)
    {
        while (text.Length - at >= Shortest)
        {
            // Skips ahead: if one of the next characters is not in the alphabet, a long enough run can only begin after it.
            var other = text.Slice(at, Shortest).LastIndexOfAnyExcept(Alphabet);
            if (other >= 0)
            {
                at += other + 1;
                continue;
            }

            var rest = text[at..].IndexOfAnyExcept(Alphabet);
            var end = rest < 0 ? text.Length : at + rest;
            run = new Finding(at, end - at);
            at = end;
            if (TryDecode(text.Slice(run.Start, run.Length), decoded, out length))
            {
                run = run with { Length = run.Length + Padding(text[end..]) };
                at = run.End;
                return true;
            }
        }

        at = text.Length;
        run = default;
        length = 0;
        return false;
    }

    /// <summary>Length of the run at the end of a text, if more text can change its result. 0: there is no such run.</summary>
    /// <param name="text">The form that <see cref="ScannedText"/> produces.</param>
    public static int Open(ReadOnlySpan<char> text)
    {
        var padding = text.EndsWith("==") ? 2 : text.EndsWith("=") ? 1 : 0;
        var run = text[..^padding];
        var length = run.Length - 1 - run.LastIndexOfAnyExcept(Alphabet);
        return length is > 0 and <= MaxRead ? length + padding : 0;
    }

    private static bool TryDecode(ReadOnlySpan<char> run, Span<char> decoded, out int length)
    {
        var hex = run.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? run[2..] : run;
        hex = hex[..Math.Min(hex.Length, 2 * MaxDecoded)];
        if (!hex.ContainsAnyExcept(Hex) && TryText(hex, digits: 4, decoded, out length))
        {
            return true;
        }

        // Tries several starts: words of a path or a name may come directly before the encoded text.
        for (var (beginnings, start) = (0, 0); beginnings < MaxBeginnings && start <= MaxWords && run.Length - start >= Shortest; beginnings++)
        {
            if (TryText(run[start..], digits: 6, decoded, out length))
            {
                return true;
            }

            start = run[start..].IndexOfAny(Signs) is var sign and >= 0 ? start + sign + 1 : run.Length;
        }

        length = 0;
        return false;
    }

    /// <summary>Decodes a run as text. Stops at the first byte that cannot be text: in binary data, one of the first few bytes is such a byte.</summary>
    private static bool TryText(ReadOnlySpan<char> run, int digits, Span<char> decoded, out int length)
    {
        length = 0;
        Span<byte> bytes = stackalloc byte[MaxDecoded];
        var (count, follow, odd, bits, held) = (0, 0, 0, 0, 0);
        foreach (var character in run)
        {
            held = (held << digits) | Value(character, digits);
            bits += digits;
            if (bits < 8)
            {
                continue;
            }

            bits -= 8;
            var value = (byte)(held >> bits);
            held &= (1 << bits) - 1;
            if (!IsText(value, ref follow) || (value < ' ' && value is not ((byte)'\n' or (byte)'\r' or (byte)'\t') && ++odd > 1 + (count / 16)))
            {
                return false;
            }

            bytes[count++] = value;
            if (count == bytes.Length)
            {
                break;
            }
        }

        // The run may be cut in the middle of the last character, so an incomplete character at the end is not an error.
        var isDone = Utf8.ToUtf16(bytes[..count], decoded, out var read, out length, replaceInvalidSequences: false, isFinalBlock: false);
        return isDone is OperationStatus.Done or OperationStatus.NeedMoreData && count - read < 4 && (read == count || count == bytes.Length) && length > 0;
    }

    private static bool IsText(byte value, ref int follow)
    {
        if (follow > 0)
        {
            follow--;
            return (value & 0xC0) == 0x80;
        }

        follow = value switch { < 0x7F => 0, >= 0xC2 and < 0xE0 => 1, >= 0xE0 and < 0xF0 => 2, >= 0xF0 and < 0xF5 => 3, _ => -1 };
        return follow >= 0;
    }

    private static int Value(char character, int digits) => character switch
    {
        _ when digits == 4 => JsonCharacters.Nibble(character),
        >= 'A' and <= 'Z' => character - 'A',
        >= 'a' and <= 'z' => character - 'a' + 26,
        >= '0' and <= '9' => character - '0' + 52,
        '+' or '-' => 62,
        _ => 63,
    };

    private static int Padding(ReadOnlySpan<char> after) => after.StartsWith("==") ? 2 : after.StartsWith("=") ? 1 : 0;
}
