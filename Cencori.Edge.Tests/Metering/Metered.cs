using System.Text;
using Cencori.Edge.Metering;

namespace Cencori.Edge.Tests.Metering;

/// <summary>What a meter made of an answer.</summary>
internal readonly record struct Metered(TokenUsage Usage, long? Settled, bool HasError)
{
    public const int InputTokens = 1_000;

    public static Metered Stream(string text, params int[] cuts) => Of(Encoding.UTF8.GetBytes(text), isEventStream: true, cuts);

    public static Metered Json(string text, params int[] cuts) => Of(Encoding.UTF8.GetBytes(text), isEventStream: false, cuts);

    /// <param name="answer">The bytes that pass.</param>
    /// <param name="isEventStream">How they are read.</param>
    /// <param name="cuts">Sizes of the reads, taken in turn; none: all at once.</param>
    public static Metered Of(ReadOnlySpan<byte> answer, bool isEventStream, params int[] cuts)
    {
        using var meter = new AnswerMeter(InputTokens);
        meter.Begin(200, isEventStream);
        for (var i = 0; !answer.IsEmpty; i++)
        {
            var length = cuts.Length == 0 ? answer.Length : Math.Min(answer.Length, cuts[i % cuts.Length]);

            // Of its own, so that a meter that kept it would be found out.
            var piece = answer[..length].ToArray();
            meter.Read(piece);
            piece.AsSpan().Fill((byte)'"');
            answer = answer[length..];
        }

        meter.Close();
        var settled = meter.UsedTokens;
        return new(meter.Finish(), settled, meter.HasError);
    }
}
