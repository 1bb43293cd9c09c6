using System.Buffers.Binary;
using System.Text;
using Cencori.Edge.Errors;

namespace Cencori.Edge.WebSockets;

/// <summary>Why the edge ends a WebSocket, as both sides are told.</summary>
/// <param name="Code">Of RFC 6455, 7.4.1.</param>
/// <param name="Error">What the record tells; null: nothing is wrong.</param>
internal sealed record CloseReason(ushort Code, EdgeError? Error)
{
    private const ushort GoingAway = 1001;
    private const ushort PolicyViolation = 1008;
    private const ushort Failure = 1011;

    private const byte FinalClose = 0x88;
    private const byte MaskBit = 0x80;

    /// <summary>The edge was told to stop.</summary>
    public static CloseReason Stopping { get; } = new(GoingAway, null);

    /// <summary>The caller may not go on.</summary>
    public static CloseReason Refused(EdgeError error) => new(PolicyViolation, error);

    /// <summary>The provider has not kept it up.</summary>
    public static CloseReason Broken(EdgeError error) => new(Failure, error);

    /// <summary>The frame for the caller.</summary>
    public byte[] FromServer()
    {
        var reason = Encoding.ASCII.GetBytes(Error?.Kind.Code ?? "");
        byte[] frame = [FinalClose, (byte)(sizeof(ushort) + reason.Length), 0, 0, .. reason];
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), Code);
        return frame;
    }

    /// <summary>The frame for the provider, for whom the caller goes away. A client's frames are masked; zeros are a mask.</summary>
    public static ReadOnlySpan<byte> FromClient => [FinalClose, MaskBit | sizeof(ushort), 0, 0, 0, 0, GoingAway >> 8, GoingAway & 0xFF];
}
