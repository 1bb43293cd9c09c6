using System.Buffers;
using System.Text;

namespace Cencori.Edge.Records.Sql;

/// <summary>
/// A request's id as it is stored: one that the edge made as the sixteen bytes that it says in hex, any other as its text in UTF-8. The
/// first begin with a control character until the year 3000, and no text that is kept has one.
/// </summary>
internal static class PackedRequestId
{
    private const string Prefix = "req_";
    private const int PackedLength = 16;
    private const int Length = 4 + (2 * PackedLength);
    private const int MaxPackedLength = RecordText.MaxLength * 3;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    /// <param name="id">Stored as <see cref="RecordText"/> keeps it.</param>
    /// <param name="target">Has room for every text that is kept.</param>
    /// <returns>How many bytes were written.</returns>
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
