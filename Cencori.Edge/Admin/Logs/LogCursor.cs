using System.Buffers.Binary;
using System.Buffers.Text;

namespace Cencori.Edge.Admin.Logs;

/// <summary>
/// Position of the last record of a page. The next page begins after it, even if newer records have arrived meanwhile. The cursor contains only data that
/// the caller has already seen, and gives no access to another project.
/// </summary>
/// <param name="At">Start time of the request, in whole milliseconds.</param>
/// <param name="Id">Number of the record, which orders records of the same millisecond.</param>
public readonly record struct LogCursor(DateTimeOffset At, long Id)
{
    private const int Length = 2 * sizeof(long);

    /// <summary>Creates the cursor from which a search for older records continues.</summary>
    /// <param name="milliseconds">The search has examined all records from this time on. Null: no older records are left, and the result is null.</param>
    internal static LogCursor? Before(long? milliseconds) => milliseconds is { } time ? new(DateTimeOffset.FromUnixTimeMilliseconds(time), 0) : null;

    /// <summary>Creates the cursor from which a search for newer records continues.</summary>
    /// <param name="milliseconds">The search has examined all records before this time. Null: no newer records are left, and the result is null.</param>
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

        // The last possible time is refused, because a search adds one millisecond.
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
