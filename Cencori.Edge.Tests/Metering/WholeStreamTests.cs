using System.Text;
using Cencori.Edge.Metering;
using CsCheck;

namespace Cencori.Edge.Tests.Metering;

/// <summary>Whether an ended stream was complete, judged by its content.</summary>
public sealed class WholeStreamTests
{
    private static readonly Gen<string> Reason = Gen.OneOfConst("", "null", "null", "null", "\"\"", "\"stop\"", "\"length\"", "\"tool_calls\"");

    // Has few different values, so that events repeat: the meter has separate code for repeated events.
    private static readonly Gen<(int Index, string Reason, bool IndexIsLast, string Text)> Choice =
        Gen.Select(Gen.OneOf(Gen.Int[0, 2], Gen.Int[0, 130]), Reason, Gen.Bool, Gen.OneOfConst("a", "a", "\\n", "é", "\\\"finish_reason\\\":\\\"stop\\\""));

    [Fact]
    public void Chunks_are_complete_when_every_choice_has_a_finish_reason() =>
        Gen.Select(Choice.Array[0, 3].Array[0, 8], Gen.Int[0, 40], Gen.Bool).Sample((events, piece, isLegacy) =>
        {
            var stream = string.Concat(events.Select(choices => $"data: {{\"id\":\"x\",\"choices\":[{string.Join(',', choices.Select(choice => Spell(choice, isLegacy)))}]}}\n\n"));
            var all = events.SelectMany(choices => choices).ToList();
            var finished = all.Where(choice => choice.Reason is not ("" or "null" or "\"\"")).Select(choice => choice.Index).ToHashSet();

            Assert.Equal(all.Count > 0 && all.All(choice => finished.Contains(choice.Index)), IsWhole(stream, piece));
        });

    [Theory]
    [InlineData("response.created", "response.output_text.delta", "response.completed")]
    [InlineData("response.created", "response.completed.not", "response.incomplete")]
    [InlineData("response.in_progress", "response.output_text.done", "response.failed")]
    [InlineData("message_start", "message_delta", "message_stop")]
    [InlineData("content_block_start", "content_block_stop", "message_stop")]
    [InlineData("speech.audio.delta", "speech.audio.delta", "speech.audio.done")]
    [InlineData("transcript.text.delta", "transcript.text.segment", "transcript.text.done")]
    [InlineData("image_generation.partial_image", "image_generation.partial_image", "image_generation.completed")]
    [InlineData("image_edit.partial_image", "image_edit.partial_image", "image_edit.completed")]
    public void Typed_events_are_complete_at_the_final_event_of_their_operation(string first, string next, string last)
    {
        var open = Typed(first) + Typed(next);
        var whole = open + Typed(last);
        var end = whole.Length - 2;
        for (var piece = 0; piece < 9; piece++)
        {
            Assert.False(IsWhole(open, piece));
            Assert.True(IsWhole(whole, piece));
            Assert.True(IsWhole(whole[..end], piece));
            Assert.False(IsWhole(whole[..(end - 1)], piece));
            Assert.False(IsWhole(open, piece, isKnown: false));
        }
    }

    [Theory]
    [InlineData("", false, true)]
    [InlineData(": a comment\n\n", false, true)]
    [InlineData("event: x\n\n", false, true)]
    [InlineData("data: {\"n\":1}\n\n", true, true)]
    [InlineData("data: words\n\n", true, true)]
    [InlineData("data: {\"type\":\"conversation.response.started\"}\n\n", true, true)]
    [InlineData("event: thread.run.created\ndata: {\"object\":\"thread.run\"}\n\n", true, true)]
    [InlineData("data: {\"n\":1}\n\ndata: {\"n\":", false, true)]
    [InlineData("data: {\"choices\":[]}\n\n", false, false)]
    [InlineData("data: {\"choices\":[{\"finish_reason\":\"stop\"}]", false, false)]
    [InlineData("data: {\"choices\":[{\"finish_reason\":\"stop\"}]}\n\ndata: {\"choices\":[],\"usage\":{", true, true)]
    [InlineData("data: {\"choices\":[{}]}\n\ndata: {\"error\":{\"message\":\"n", false, false)]
    [InlineData("data: {\"error\":{\"message\":\"no\"}}\n\n", true, true)]
    [InlineData("data: {\"choices\":[{\"delta\":{}}]}\n\ndata: {\"error\":{\"message\":\"no\"}}\n\n", true, true)]
    [InlineData("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n", true, true)]
    public void A_stream_of_unknown_format_counts_as_complete_unless_a_known_format_is_expected(string stream, bool whereItShould, bool whereItNeedNot)
    {
        Assert.Equal(whereItShould, IsWhole(stream, piece: 0));
        Assert.Equal(whereItNeedNot, IsWhole(stream, piece: 0, isKnown: false));
    }

    [Fact]
    public void Numbered_events_give_the_number_of_the_next_event()
    {
        using var meter = new ResponseMeter(default, UsageBounds.None);
        meter.Begin(200, isEventStream: true);
        Assert.Equal(0, meter.NextSequenceNumber);
        meter.ReadEvent("data: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"sequence_number\":9}}\n\n"u8);
        Assert.Equal(1, meter.NextSequenceNumber);
        meter.ReadEvent("data: {\"type\":\"response.output_text.delta\",\"delta\":\"a\",\"sequence_number\":41}\n\n"u8);
        Assert.Equal(42, meter.NextSequenceNumber);
    }

    private static string Spell((int Index, string Reason, bool IndexIsLast, string Text) choice, bool isLegacy)
    {
        var text = isLegacy ? $"\"text\":\"{choice.Text}\"" : $"\"delta\":{{\"content\":\"{choice.Text}\"}}";
        var reason = choice.Reason.Length == 0 ? "" : $",\"finish_reason\":{choice.Reason}";

        // Some providers omit the index of the first choice.
        var index = choice.Index == 0 && choice.IndexIsLast ? "" : $"\"index\":{choice.Index}";
        return choice.IndexIsLast && index.Length > 0 ? $"{{{text}{reason},{index}}}" : $"{{{index}{(index.Length > 0 ? "," : "")}{text}{reason}}}";
    }

    private static string Typed(string type) => $"event: {type}\ndata: {{\"type\":\"{type}\",\"delta\":\"é\"}}\n\n";

    // Passes whole events if piece is 0, otherwise pieces of that many bytes.
    private static bool IsWhole(string stream, int piece, bool isKnown = true)
    {
        using var meter = new ResponseMeter(default, UsageBounds.None);
        meter.Begin(200, isEventStream: true);
        if (piece == 0)
        {
            foreach (var text in stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
            {
                meter.ReadEvent(Encoding.UTF8.GetBytes(text + "\n\n"));
            }
        }
        else
        {
            foreach (var bytes in Encoding.UTF8.GetBytes(stream).Chunk(piece))
            {
                meter.Read(bytes);
            }
        }

        return meter.IsComplete(isKnown);
    }
}
