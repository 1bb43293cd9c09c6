using Cencori.Edge.Streams;
using Cencori.Edge.WebSockets;
using CsCheck;

namespace Cencori.Edge.Tests.WebSockets;

/// <summary>What the provider receives after the edge has closed the caller's WebSocket.</summary>
public sealed class ClientStreamTests
{
    [Fact]
    public Task The_provider_gets_a_close_frame_between_two_frames_at_any_moment_of_closing() =>
        Gen.Select(Gen.Int[0, 300].Array[1, 4], Gen.Int[0, 1_000], Gen.Int[1, 50]).SampleAsync(async (lengths, at, piece) =>
        {
            byte[] sent = [.. lengths.SelectMany(Frame), .. CloseReason.FromClient];
            at = Math.Min(at, sent.Length - CloseReason.FromClient.Length);
            var caller = new Caller(sent, piece);
            await using var side = new ClientStream(caller);
            var received = new List<byte>();
            var buffer = new byte[64];
            while (true)
            {
                if (received.Count >= at)
                {
                    await side.CloseAsync(CloseReason.Stopping, CancellationToken.None);
                }

                var count = await side.ReadAsync(buffer);
                if (count == 0)
                {
                    break;
                }

                received.AddRange(buffer[..count]);
            }

            // Complete frames of the caller, in order, and a close frame after them.
            var walk = new FrameTracker();
            walk.Pass(received.ToArray());
            Assert.Equal((true, true), (walk.IsBetweenFrames, walk.HasClosed));
            Assert.Equal(sent[..(received.Count - CloseReason.FromClient.Length)], received[..^CloseReason.FromClient.Length]);
        });

    private static byte[] Frame(int length) =>
        [0x82, .. length < 126 ? (byte[])[(byte)(0x80 | length)] : [0x80 | 126, (byte)(length >> 8), (byte)length], 1, 2, 3, 4, .. Enumerable.Repeat((byte)0x88, length)];

    /// <summary>A caller that sends in pieces and accepts everything it is sent.</summary>
    private sealed class Caller(byte[] sends, int piece) : ForwardOnlyStream
    {
        private int _at;

        public override bool CanWrite => true;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = Math.Min(Math.Min(piece, buffer.Length), sends.Length - _at);
            sends.AsMemory(_at, count).CopyTo(buffer);
            _at += count;
            return new(count);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => default;
    }
}
