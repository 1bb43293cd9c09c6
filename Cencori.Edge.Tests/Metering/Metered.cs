using System.Text;
using Cencori.Edge.Metering;
using Cencori.Edge.Streams;
using Cencori.Edge.Tests.Bodies;
using Cencori.Edge.Tests.Streams;

namespace Cencori.Edge.Tests.Metering;

/// <summary>What a meter made of a response.</summary>
internal readonly record struct Metered(TokenUsage Usage, bool HasError)
{
    public const int InputTokens = 1_000;

    public static Metered Stream(string text, params int[] cuts) => Of(Encoding.UTF8.GetBytes(text), isEventStream: true, cuts);

    public static Metered Json(string text, params int[] cuts) => Of(Encoding.UTF8.GetBytes(text), isEventStream: false, cuts);

    /// <param name="response">The bytes that pass.</param>
    /// <param name="isEventStream">How they are read.</param>
    /// <param name="cuts">Sizes of the reads, taken in turn; none: all at once.</param>
    public static Metered Of(ReadOnlySpan<byte> response, bool isEventStream, params int[] cuts)
    {
        using var meter = new ResponseMeter(new TokenUsage(InputTokens, 0, 0, IsEstimated: true), UsageBounds.None);
        meter.Begin(200, isEventStream);
        using var stream = new ResponseStream(new PiecewiseStream(response.ToArray(), cuts.Length == 0 ? [int.MaxValue] : cuts), new ToldOwner(), [meter], isEventStream, length: null, silence: null);

        // Overwritten after each read, so that a meter that kept it would be found out.
        var buffer = new byte[64 * 1024];
        while (stream.ReadAsync(buffer).AsTask().GetAwaiter().GetResult() > 0)
        {
            buffer.AsSpan().Fill((byte)'"');
        }

        return Of(meter);
    }

    /// <summary>As <see cref="Of(ReadOnlySpan{byte}, bool, int[])"/>, of an event stream of which no event is seen in one piece.</summary>
    public static Metered InPieces(ReadOnlySpan<byte> response, params int[] cuts)
    {
        using var meter = new ResponseMeter(new TokenUsage(InputTokens, 0, 0, IsEstimated: true), UsageBounds.None);
        meter.Begin(200, isEventStream: true);
        for (var i = 0; !response.IsEmpty; i++)
        {
            var length = Math.Min(response.Length, cuts[i % cuts.Length]);

            // Of its own, so that a meter that kept it would be found out.
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
