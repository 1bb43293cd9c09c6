using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Cencori.Edge.Providers.Forwarding.ResponseBodies;

/// <summary>
/// Masks a credential, or a part of it, that a provider repeats in a text, with stars of the same length. These parts of the credential are masked: eight or more
/// characters (twelve if they have one case and no digit, and so may be words); three or more of the beginning or the end next to an omission sign
/// (<c>sk-abc***xyz</c>, <c>sk-abc...</c>, <c>…xyz</c>); and six of the beginning or four of the end, if no letter, digit, hyphen or underscore adjoins them.
/// </summary>
/// <remarks>
/// A credential in another form (base64, percent-encoded, reversed) is not recognised. A credential of fewer than four characters, or
/// of fewer than eight that are all letters, does not count as a secret.
/// </remarks>
internal sealed class CredentialMask
{
    private const int Part = 8;
    private const int MinLettersOnly = 12;
    private const int MinBesideOmission = 3;
    private const int MinPrefix = 6;
    private const int MinSuffix = 4;
    private const int Shortest = 4;

    // Minimum length of a credential whose beginning and end are masked. The beginning or end of a shorter credential is probably an ordinary word.
    private const int ShortestForEnds = 12;

    // Not less than the length of the longest omission sign, in bytes. An omission sign, such as "..." or "***", stands for the rest of a credential.
    private const int Margin = 8;

    private static readonly byte[][] OmissionsAfter = [.. new[] { "*", "..", "…", "•", "·", "#", "[", "<", "(", "\\u20", "xxx", "XXX", "___" }.Select(Encoding.UTF8.GetBytes)];
    private static readonly byte[][] OmissionsBefore = [.. new[] { "*", "..", "…", "•", "·", "#", "]", ">", ")", "\\u2026", "\\u2022", "xxx", "XXX", "___" }.Select(Encoding.UTF8.GetBytes)];

    private readonly byte[] _secret;
    private readonly SearchValues<byte> _signs;

    // Keys: every eight consecutive bytes of the credential. True: these bytes have a digit, or letters of both cases, so they are not part of a word.
    private readonly Dictionary<ulong, bool> _parts = [];

    private CredentialMask(byte[] secret)
    {
        _secret = secret;
        _signs = SearchValues.Create(secret);
        for (var at = 0; at + Part <= secret.Length; at++)
        {
            var part = secret.AsSpan(at, Part);
            _parts[BinaryPrimitives.ReadUInt64LittleEndian(part)] = part.ContainsAnyInRange((byte)'0', (byte)'9') || (part.ContainsAnyInRange((byte)'a', (byte)'z') && part.ContainsAnyInRange((byte)'A', (byte)'Z'));
        }
    }

    /// <summary>How many bytes before and after a byte the mask must know to decide whether that byte is masked.</summary>
    public int Reach => _secret.Length + Margin;

    /// <summary>Creates the mask for a credential. Null: the text does not count as a secret.</summary>
    public static CredentialMask? Of(string? secret) => secret?.Length >= Shortest && (secret.Length >= Part || !secret.All(char.IsAsciiLetter)) ? new(Encoding.Latin1.GetBytes(secret)) : null;

    /// <summary>Masks a short text, such as a header value or an error message.</summary>
    public string Apply(string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        var masked = new byte[bytes.Length];
        Copy(bytes, 0, masked);
        return masked.AsSpan().SequenceEqual(bytes) ? text : Encoding.Latin1.GetString(masked);
    }

    /// <summary>Copies a piece of a text and masks it.</summary>
    /// <param name="text">The piece, with up to <see cref="Reach"/> bytes of the text before and after it.</param>
    /// <param name="from">Where the piece begins.</param>
    /// <param name="target">Exactly as long as the piece.</param>
    public void Copy(ReadOnlySpan<byte> text, int from, Span<byte> target)
    {
        text.Slice(from, target.Length).CopyTo(target);
        for (var at = Math.Max(0, from - _secret.Length); at < from + target.Length; at++)
        {
            var end = at + LengthAt(text, at);
            if (end > from && end > at)
            {
                var start = Math.Max(at, from) - from;
                target[start..Math.Min(end - from, target.Length)].Fill((byte)'*');
            }
        }
    }

    private int LengthAt(ReadOnlySpan<byte> text, int at)
    {
        var rest = text[at..];
        if (rest.StartsWith(_secret))
        {
            return _secret.Length;
        }

        if (rest.Length >= Part && _parts.TryGetValue(BinaryPrimitives.ReadUInt64LittleEndian(rest), out var isNoWord))
        {
            if (isNoWord)
            {
                return Part;
            }

            if (rest.Length >= MinLettersOnly && _secret.AsSpan().IndexOf(rest[..MinLettersOnly]) >= 0)
            {
                return MinLettersOnly;
            }
        }

        return _secret.Length < ShortestForEnds ? 0 : Math.Max(BeginningAt(text, at), EndAt(text, at));
    }

    private int BeginningAt(ReadOnlySpan<byte> text, int at)
    {
        if (text[at] != _secret[0] || (at > 0 && IsWord(text[at - 1])))
        {
            return 0;
        }

        var length = text[at..].CommonPrefixLength(_secret);
        var after = text[(at + length)..];
        return length >= MinBesideOmission && BeginsWithOmission(after) ? length
            : length >= MinPrefix && (after.IsEmpty || !IsWord(after[0])) ? length
            : 0;
    }

    private int EndAt(ReadOnlySpan<byte> text, int at)
    {
        if (!_signs.Contains(text[at]))
        {
            return 0;
        }

        var before = text[..at];
        var min = EndsWithOmission(before) ? MinBesideOmission : MinSuffix;
        if (min == MinSuffix && !before.IsEmpty && IsWord(before[^1]))
        {
            return 0;
        }

        for (var length = Math.Min(_secret.Length, text.Length - at); length >= min; length--)
        {
            if (_secret[^length] == text[at] && text.Slice(at, length).SequenceEqual(_secret.AsSpan(_secret.Length - length)) && (at + length == text.Length || !IsWord(text[at + length])))
            {
                return length;
            }
        }

        return 0;
    }

    private static bool BeginsWithOmission(ReadOnlySpan<byte> text)
    {
        foreach (var sign in OmissionsAfter)
        {
            if (text.StartsWith(sign))
            {
                return true;
            }
        }

        return false;
    }

    private static bool EndsWithOmission(ReadOnlySpan<byte> text)
    {
        foreach (var sign in OmissionsBefore)
        {
            if (text.EndsWith(sign))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsWord(byte letter) => char.IsAsciiLetterOrDigit((char)letter) || letter is (byte)'-' or (byte)'_';
}
