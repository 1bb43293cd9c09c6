using System.Buffers.Binary;

namespace Cencori.Edge.WebSockets;

/// <summary>Follows the frames in one direction of a WebSocket by their headers (RFC 6455, 5.2), to know where each frame ends. Keeps no payload.</summary>
internal sealed class FrameTracker
{
    private const int ShortestHead = 2;
    private const int LongestHead = 14;
    private const int OpcodeMask = 0x0F;
    private const int Close = 0x08;
    private const int MaskBit = 0x80;
    private const int MaskBytes = 4;

    private readonly byte[] _head = new byte[LongestHead];
    private int _headLength;
    private long _rest;

    /// <summary>True: the bytes so far end at the end of a frame.</summary>
    public bool IsBetweenFrames => _headLength == 0 && _rest == 0;

    /// <summary>True: this direction contained a close frame.</summary>
    public bool HasClosed { get; private set; }

    /// <summary>Processes all of <paramref name="bytes"/>.</summary>
    public void Pass(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[Step(bytes)..];
        }
    }

    /// <summary>Processes bytes up to the end of the current frame.</summary>
    /// <returns>Number of processed bytes; 0 when no frame has begun.</returns>
    public int Finish(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (at < bytes.Length && !IsBetweenFrames)
        {
            at += Step(bytes[at..]);
        }

        return at;
    }

    // Processes a part of the payload, or one byte of the header. Returns the number of processed bytes.
    private int Step(ReadOnlySpan<byte> bytes)
    {
        if (_rest > 0)
        {
            var step = (int)Math.Min(_rest, bytes.Length);
            _rest -= step;
            return step;
        }

        _head[_headLength++] = bytes[0];
        if (_headLength >= ShortestHead && _headLength == HeadLength(_head[1]))
        {
            HasClosed |= (_head[0] & OpcodeMask) == Close;
            _rest = PayloadLength(_head);
            _headLength = 0;
        }

        return 1;
    }

    private static int HeadLength(byte second) => ShortestHead + LengthBytes(second) + ((second & MaskBit) == 0 ? 0 : MaskBytes);

    private static int LengthBytes(byte second) => (second & ~MaskBit) switch
    {
        126 => sizeof(ushort),
        127 => sizeof(ulong),
        _ => 0,
    };

    private static long PayloadLength(ReadOnlySpan<byte> head) => LengthBytes(head[1]) switch
    {
        sizeof(ushort) => BinaryPrimitives.ReadUInt16BigEndian(head[ShortestHead..]),

        // A frame with a length above the maximum is invalid. The tracker treats that frame as endless.
        sizeof(ulong) => (long)Math.Min(BinaryPrimitives.ReadUInt64BigEndian(head[ShortestHead..]), long.MaxValue),
        _ => head[1] & ~MaskBit,
    };
}
