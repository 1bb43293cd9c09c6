using System.Buffers.Binary;
using System.Buffers.Text;

namespace Cencori.Edge.Admin.Logs;

/// <summary>
/// The last record of a page. The next page begins behind it, whatever has come in meanwhile. It tells nothing that its holder has not
/// seen, and leads to no other project.
/// </summary>
/// <param name="At">When the request began, in whole milliseconds.</param>
/// <param name="Id">The record's number, which orders those of one millisecond.</param>
public readonly record struct LogCursor(DateTimeOffset At, long Id)
{
    private const int Length = 2 * sizeof(long);

    /// <summary>From where a search goes on that has looked at nothing before this time; null where it has looked at all.</summary>
    internal static LogCursor? Before(long? milliseconds) => milliseconds is { } time ? new(DateTimeOffset.FromUnixTimeMilliseconds(time), 0) : null;

    /// <summary>Likewise, of nothing from this time on.</summary>
    internal static LogCursor? From(long? milliseconds) => milliseconds is { } time ? new(DateTimeOffset.FromUnixTimeMilliseconds(time - 1), long.MaxValue) : null;

    public static bool TryParse(string text, out LogCursor cursor)
    {
        cursor = default;
        Span<byte> bytes = stackalloc byte[Length];
        if (!Base64Url.IsValid(text, out var length) || length != Length || Base64Url.DecodeFromChars(text, bytes) != Length)
        {
            return false;
        }

        var milliseconds = BinaryPrimitives.ReadInt64BigEndian(bytes);

        // Of the last one there is, no search could say what is behind it.
        if (milliseconds < 0 || milliseconds >= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        {
            return false;
        }

        cursor = new(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), BinaryPrimitives.ReadInt64BigEndian(bytes[sizeof(long)..]));
        return true;
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes, At.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt64BigEndian(bytes[sizeof(long)..], Id);
        return Base64Url.EncodeToString(bytes);
    }
}
