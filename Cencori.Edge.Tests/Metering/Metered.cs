using System.Text;
using Cencori.Edge.Metering;
using Cencori.Edge.Streams;
using Cencori.Edge.Tests.Bodies;
using Cencori.Edge.Tests.Streams;

namespace Cencori.Edge.Tests.Metering;

/// <summary>The result of metering a response.</summary>
internal readonly record struct Metered(TokenUsage Usage, bool HasError)
{
    public const int InputTokens = 1_000;

    public static Metered Stream(string text, params int[] cuts) => Of(Encoding.UTF8.GetBytes(text), isEventStream: true, cuts);

    public static Metered Json(string text, params int[] cuts) => Of(Encoding.UTF8.GetBytes(text), isEventStream: false, cuts);

    /// <param name="response">The response bytes.</param>
    /// <param name="isEventStream">True to read them as an event stream.</param>
    /// <param name="cuts">Sizes of the reads, taken in turn. Empty: one read.</param>
    public static Metered Of(ReadOnlySpan<byte> response, bool isEventStream, params int[] cuts)
    {
        using var meter = new ResponseMeter(new TokenUsage(InputTokens, 0, 0, IsEstimated: true), UsageBounds.None);
        meter.Begin(200, isEventStream);
        using var stream = new ResponseStream(new PiecewiseStream(response.ToArray(), cuts.Length == 0 ? [int.MaxValue] : cuts), new CountingOwner(), [meter], isEventStream, length: null, idleTimeout: null);

        // The buffer is overwritten after each read, which reveals a meter that keeps it.
        var buffer = new byte[64 * 1024];
        while (stream.ReadAsync(buffer).AsTask().GetAwaiter().GetResult() > 0)
        {
            buffer.AsSpan().Fill((byte)'"');
        }

        return Of(meter);
    }

    /// <summary>Like <see cref="Of(ReadOnlySpan{byte}, bool, int[])"/>, for an event stream whose events never arrive in one piece.</summary>
    public static Metered InPieces(ReadOnlySpan<byte> response, params int[] cuts)
    {
        using var meter = new ResponseMeter(new TokenUsage(InputTokens, 0, 0, IsEstimated: true), UsageBounds.None);
        meter.Begin(200, isEventStream: true);
        for (var i = 0; !response.IsEmpty; i++)
        {
            var length = Math.Min(response.Length, cuts[i % cuts.Length]);

            // A separate array, which reveals a meter that keeps it.
            var piece = response[..length].ToArray();
            meter.Read(piece);
            piece.AsSpan().Fill((byte)'"');
            response = response[length..];
        }

        return Of(meter);
    }

    private static Metered Of(ResponseMeter meter)
    {
        meter.Close();
        return new(meter.Finish(), meter.HasError);
    }
}
