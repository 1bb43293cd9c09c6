using System.Buffers;
using System.Text;
using Cencori.Edge.Dialects;

namespace Cencori.Edge.Screening;

/// <summary>Unescapes and escapes the inside of JSON strings. Keeps half of a surrogate pair: the other half may be in the next event.</summary>
internal static class JsonText
{
    private const int UnitLength = 6;

    private static readonly SearchValues<char> Others = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(static code => (char)code), '"', '\\', .. Enumerable.Range(0xD800, 0x800).Select(static code => (char)code)]);

    /// <summary>Appends the unescaped characters of a string.</summary>
    public static void Unescape(ReadOnlySpan<byte> source, CharBuffer target)
    {
        while (!source.IsEmpty)
        {
            var plain = source.IndexOf((byte)'\\');
            plain = plain < 0 ? source.Length : plain;
            target.AppendUtf8(source[..plain]);
            source = source[plain..];
            if (source.Length < 2)
            {
                return;
            }

            var isUnit = source[1] == 'u' && source.Length >= UnitLength;
            target.Append(isUnit ? (char)Convert.ToUInt16(Encoding.ASCII.GetString(source[2..UnitLength]), 16) : source[1] switch
            {
                (byte)'n' => '\n',
                (byte)'r' => '\r',
                (byte)'t' => '\t',
                (byte)'b' => '\b',
                (byte)'f' => '\f',
                var other => (char)other,
            });
            source = source[(isUnit ? UnitLength : 2)..];
        }
    }

    /// <summary>Escapes characters for the inside of a JSON string.</summary>
    public static void Escape(ReadOnlySpan<char> source, TextBuffer target)
    {
        Span<byte> bytes = stackalloc byte[256];
        while (!source.IsEmpty)
        {
            var plain = source.IndexOfAny(Others);
            plain = plain < 0 ? source.Length : plain;
            for (var rest = source[..plain]; !rest.IsEmpty;)
            {
                var count = Math.Min(rest.Length, bytes.Length / 3);
                target.Append(bytes[..Encoding.UTF8.GetBytes(rest[..count], bytes)]);
                rest = rest[count..];
            }

            source = source[plain..];
            if (source.IsEmpty)
            {
                return;
            }

            if (source.Length > 1 && char.IsSurrogatePair(source[0], source[1]))
            {
                target.Append(bytes[..Encoding.UTF8.GetBytes(source[..2], bytes)]);
                source = source[2..];
                continue;
            }

            target.Append((byte)'\\');
            switch (source[0])
            {
                case '"' or '\\':
                    target.Append((byte)source[0]);
                    break;
                case '\n':
                    target.Append((byte)'n');
                    break;
                default:
                    target.Append((byte)'u');
                    ((int)source[0]).TryFormat(bytes, out var length, "x4");
                    target.Append(bytes[..length]);
                    break;
            }

            source = source[1..];
        }
    }
}
