using System.Buffers;

namespace Cencori.Edge.Policies.Detectors.Secrets;

/// <summary>Finds private keys in PEM format, from BEGIN to END. Excludes public keys and certificates.</summary>
/// <remarks>If END is missing, or other text comes before it, the finding covers what looks like a key. A stream is not held
/// back beyond <see cref="MaxLength"/>, so the caller receives the rest of a longer key.</remarks>
internal sealed class PrivateKeyDetector : Detector
{
    public const int MaxLength = 8 * 1024;

    private const string Begin = "-----BEGIN";
    private const string End = "-----END";
    private const string Dashes = "-----";
    private const int MaxLabel = 64;

    // Length of the shortest unbroken base64 run in a key. A sentence about keys has no such run.
    private const int MinPiece = 32;

    private const string Base64Characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";

    private static readonly SearchValues<char> Base64 = SearchValues.Create(Base64Characters);
    private static readonly SearchValues<char> Label = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ");

    // Characters between BEGIN and END: key lines, plain or escaped line ends, headers such as "Proc-Type: 4,ENCRYPTED", and the syntax of multi-line strings in programs.
    private static readonly SearchValues<char> Body = SearchValues.Create(Base64Characters + " \t\r\n\\\"'>:,-.");

    public override void Find(ReadOnlySpan<char> text, List<Finding> findings)
    {
        for (var at = 0; Next(text, at) is >= 0 and var start;)
        {
            var length = LengthOf(text[start..], out _);
            if (length > 0)
            {
                findings.Add(new Finding(start, length));
            }

            at = start + Math.Max(length, Begin.Length);
        }
    }

    public override int Open(ReadOnlySpan<char> text)
    {
        // Only keys that begin within the last MaxLength characters are held back.
        for (var at = Math.Max(0, text.Length - MaxLength); Next(text, at) is >= 0 and var start;)
        {
            var length = LengthOf(text[start..], out var isOpen);
            if (isOpen)
            {
                return text.Length - start;
            }

            at = start + Math.Max(length, Begin.Length);
        }

        for (var length = Math.Min(text.Length, Begin.Length - 1); length > 0; length--)
        {
            if (text.EndsWith(Begin.AsSpan(0, length), StringComparison.Ordinal))
            {
                return length;
            }
        }

        return 0;
    }

    private static int Next(ReadOnlySpan<char> text, int from)
    {
        var found = text[from..].IndexOf(Begin, StringComparison.Ordinal);
        return found < 0 ? -1 : from + found;
    }

    private static int LengthOf(ReadOnlySpan<char> text, out bool isOpen)
    {
        isOpen = false;
        var label = text[Begin.Length..Math.Min(text.Length, Begin.Length + MaxLabel)];
        var labelEnd = label.IndexOfAnyExcept(Label);
        if (labelEnd < 0)
        {
            isOpen = label.Length < MaxLabel;
            return 0;
        }

        var body = Begin.Length + labelEnd;
        if (!text[body..].StartsWith(Dashes, StringComparison.Ordinal))
        {
            isOpen = Dashes.AsSpan().StartsWith(text[body..], StringComparison.Ordinal);
            return 0;
        }

        if (!label[..labelEnd].Contains("PRIVATE KEY", StringComparison.Ordinal))
        {
            return 0;
        }

        body += Dashes.Length;
        var rest = text[body..];
        var next = rest.IndexOf(Begin, StringComparison.Ordinal);
        rest = next < 0 ? rest : rest[..next];
        if (EndIn(rest[..Math.Min(rest.Length, MaxLength - body)]) is > 0 and var end)
        {
            return body + end;
        }

        isOpen = next < 0 && text.Length < MaxLength;
        var looksLikeOne = rest.IndexOfAnyExcept(Body);
        rest = looksLikeOne < 0 ? rest : rest[..looksLikeOne];
        return !HasPiece(rest) ? 0 : EndIn(rest) is > 0 and var far ? body + far : body + rest.Length;
    }

    private static int EndIn(ReadOnlySpan<char> text)
    {
        var end = text.IndexOf(End, StringComparison.Ordinal);
        if (end < 0)
        {
            return -1;
        }

        var label = end + End.Length;
        var dashes = text[label..Math.Min(text.Length, label + MaxLabel)].IndexOf(Dashes, StringComparison.Ordinal);
        return dashes < 0 ? -1 : label + dashes + Dashes.Length;
    }

    private static bool HasPiece(ReadOnlySpan<char> text)
    {
        while (text.IndexOfAny(Base64) is >= 0 and var start)
        {
            text = text[start..];
            var length = text.IndexOfAnyExcept(Base64);
            length = length < 0 ? text.Length : length;
            if (length >= MinPiece)
            {
                return true;
            }

            text = text[length..];
        }

        return false;
    }
}
