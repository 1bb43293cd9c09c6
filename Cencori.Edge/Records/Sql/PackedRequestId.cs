using System.Buffers;
using System.Text;

namespace Cencori.Edge.Records.Sql;

/// <summary>
/// The stored form of a request id. An id that the edge created (req_ and 32 hex digits) becomes the 16 bytes that the digits encode. Any other id becomes
/// UTF-8 text. The 16 bytes begin with the time, so until the year 3000 their first byte is a control character, which stored text never contains.
/// </summary>
internal static class PackedRequestId
{
    private const string Prefix = "req_";
    private const int PackedLength = 16;
    private const int Length = 4 + (2 * PackedLength);
    private const int MaxPackedLength = RecordText.MaxLength * 3;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    /// <param name="id">Cut and cleaned by <see cref="RecordText"/>.</param>
    /// <param name="target">Receives the stored form. Must have space for the longest stored text.</param>
    /// <returns>Number of bytes written.</returns>
    public static int Pack(string id, Span<byte> target)
    {
        if (id.Length != Length || !id.StartsWith(Prefix, StringComparison.Ordinal) || id[Prefix.Length] >= '2' || id.AsSpan(Prefix.Length).ContainsAnyExcept(Digits))
        {
            return Encoding.UTF8.GetBytes(RecordText.Keep(id), target);
        }

        Convert.FromHexString(id.AsSpan(Prefix.Length), target, out _, out var written);
        return written;
    }

    /// <inheritdoc cref="Pack(string, Span{byte})"/>
    public static byte[] Pack(string id)
    {
        Span<byte> packed = stackalloc byte[MaxPackedLength];
        return packed[..Pack(id, packed)].ToArray();
    }

    public static string Unpack(ReadOnlySpan<byte> packed) =>
        packed is { Length: PackedLength } and [< (byte)' ', ..] ? Prefix + Convert.ToHexStringLower(packed) : Encoding.UTF8.GetString(packed);
}
