using System.Buffers.Binary;
using System.Text;
using Cencori.Edge.Errors;

namespace Cencori.Edge.WebSockets;

/// <summary>Why the edge closes a WebSocket, with the close frames for both sides.</summary>
/// <param name="Code">A close code of RFC 6455, 7.4.1.</param>
/// <param name="Error">The error for the record; null: no error.</param>
internal sealed record CloseReason(ushort Code, EdgeError? Error)
{
    private const ushort GoingAway = 1001;
    private const ushort PolicyViolation = 1008;
    private const ushort Failure = 1011;

    private const byte FinalClose = 0x88;
    private const byte MaskBit = 0x80;

    /// <summary>The edge is shutting down.</summary>
    public static CloseReason Stopping { get; } = new(GoingAway, null);

    /// <summary>The caller may no longer use this WebSocket.</summary>
    public static CloseReason Refused(EdgeError error) => new(PolicyViolation, error);

    /// <summary>The connection to the provider ended without a close frame.</summary>
    public static CloseReason Broken(EdgeError error) => new(Failure, error);

    /// <summary>The close frame for the caller.</summary>
    public byte[] FromServer()
    {
        var reason = Encoding.ASCII.GetBytes(Error?.Kind.Code ?? "");
        byte[] frame = [FinalClose, (byte)(sizeof(ushort) + reason.Length), 0, 0, .. reason];
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), Code);
        return frame;
    }

    /// <summary>The close frame for the provider. A client must mask its frames; a mask of zeros is valid.</summary>
    public static ReadOnlySpan<byte> FromClient => [FinalClose, MaskBit | sizeof(ushort), 0, 0, 0, 0, GoingAway >> 8, GoingAway & 0xFF];
}
