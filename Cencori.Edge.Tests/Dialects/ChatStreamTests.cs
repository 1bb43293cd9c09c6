using Cencori.Edge.Dialects;
using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Tests.Dialects;

/// <summary>A stream of chunks as sent by the native endpoint.</summary>
public sealed class ChatStreamTests
{
    private const string Stop = """{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""";
    private const string Usage = """{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}""";
    private const string Tail = "data: {\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"total_tokens\":12},\"cost_usd\":0.000125}\n\ndata: [DONE]\n\n";

    [Fact]
    public void A_stream_is_text_then_its_end_then_usage_and_cost()
    {
        var reading = NativeReading.OfEvents([
            """{"id":"x","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}""",
            """{"id":"x","choices":[{"index":0,"delta":{"content":"Hi \"you\" é🙂"},"logprobs":null,"finish_reason":null}],"usage":null}""",
            Stop,
            Usage]);

        Assert.Equal(
            """
            data: {"delta":"","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

            data: {"delta":"Hi \"you\" é🙂","choices":[{"index":0,"delta":{"content":"Hi \"you\" é🙂"},"logprobs":null,"finish_reason":null}]}

            data: {"delta":"","finish_reason":"stop","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}


            """ + Tail,
            reading.Text);
    }

    [Fact]
    public void Calls_are_sent_once_and_complete()
    {
        var reading = NativeReading.OfEvents([
            """{"choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":""}}]},"finish_reason":null}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"ci"}}]},"finish_reason":null}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_2","type":"function","function":{"name":"time","arguments":"{}"}}]},"finish_reason":null}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"ty\":\"\\u00e9\"}"}}]},"finish_reason":null}]}""",
            """{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}""",
            Usage]);

        const string First = """
            "id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"\\u00e9\"}"}}
            """;
        const string Second = """
            "id":"call_2","type":"function","function":{"name":"time","arguments":"{}"}}
            """;
        const string Calls = $"[{{{First},{{{Second}]";
        Assert.Equal(
            $$"""
            data: {"delta":"","choices":[{"index":0,"delta":{"role":"assistant","content":null},"finish_reason":null}]}

            data: {"delta":"","finish_reason":"tool_calls","tool_calls":{{Calls}},"toolCalls":{{Calls}},"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,{{First}},{"index":1,{{Second}}]},"finish_reason":"tool_calls"}]}


            """ + Tail,
            reading.Text);
    }

    [Theory]
    [InlineData("""[{"index":0,"id":"a","function":{"name":"f","arguments":"1"}}]""", """[{"index":0,"id":"b","function":{"name":"g","arguments":"2"}}]""", "a f 1, b g 2")]
    [InlineData("""[{"id":"a","function":{"name":"f","arguments":"1"}}]""", """[{"id":"b","function":{"name":"g","arguments":"2"}}]""", "a f 1, b g 2")]
    [InlineData("""[{"index":0,"id":"a","function":{"name":"f","arguments":"1"}}]""", """[{"index":0,"id":"b","function":{"arguments":"2"}}]""", "a f 12")]
    [InlineData("""[{"index":0,"id":"a","function":{"name":"f","arguments":"1"}}]""", """[{"index":0,"id":"a","function":{"name":"f","arguments":"2"}}]""", "a f 12")]
    [InlineData("""[{"index":0,"id":"a","function":{"name":"get_"}}]""", """[{"index":0,"function":{"name":"it","arguments":"2"}}]""", "a get_it 2")]
    [InlineData("""[{"index":1,"id":"b","function":{"name":"g","arguments":"2"}}]""", """[{"index":0,"id":"a","function":{"name":"f"}}]""", "b g 2, a f ")]
    public void Unusual_call_fragments_of_providers_are_still_joined(string first, string second, string expected)
    {
        var reading = NativeReading.OfEvents([
            $$$"""{"choices":[{"index":0,"delta":{"tool_calls":{{{first}}}}}]}""",
            $$$"""{"choices":[{"index":0,"delta":{"tool_calls":{{{second}}}},"finish_reason":"tool_calls"}]}"""]);

        var calls = reading.Events[0]["toolCalls"]!.AsArray();
        Assert.Equal(expected, string.Join(", ", calls.Select(call => $"{call!["id"]} {call["function"]!["name"]} {call["function"]!["arguments"]}")));
        Assert.All(calls, call => Assert.Equal("function", (string?)call!["type"]));
    }

    [Fact]
    public void Extra_members_of_a_call_are_sent_with_it()
    {
        var reading = NativeReading.OfEvents([
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","extra_content":{"google":{"thought_signature":"s"}},"function":{"name":"f","arguments":"{}"}}]}}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"b","type":"custom","custom":{"name":"sql","input":"select "}}]}}]}""",
            """{"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"custom":{"input":"1"}}],"function_call":{"name":"old","arguments":"{"}}}]}""",
            """{"choices":[{"index":0,"delta":{"function_call":{"arguments":"}"}},"finish_reason":"tool_calls"}]}"""]);

        var reported = Assert.Single(reading.Events, reported => reported["delta"] is not null);
        Assert.Equal("s", (string?)reported["tool_calls"]![0]!["extra_content"]!["google"]!["thought_signature"]);
        Assert.Equal("select 1", (string?)reported["tool_calls"]![1]!["custom"]!["input"]);
        Assert.Equal("""{"name":"old","arguments":"{}"}""", reported["choices"]![0]!["delta"]!["function_call"]!.ToJsonString());
    }

    [Fact]
    public void The_finish_reason_of_the_first_choice_is_beside_the_text_only_after_all_others_ended()
    {
        var reading = NativeReading.OfEvents(
            [
                """{"choices":[{"index":0,"delta":{"content":"a"}}]}""",
                Stop,
                """{"choices":[{"index":1,"delta":{"content":"b"}}]}""",
                """{"choices":[{"index":1,"delta":{},"finish_reason":"length"}]}"""],
            choices: 2);

        Assert.Equal(
            ["a", "", "", ""],
            reading.Events.Where(reported => reported["delta"] is not null).Select(reported => (string?)reported["delta"]));
        Assert.Equal([null, null, null, "stop"], reading.Events.Where(reported => reported["delta"] is not null).Select(reported => (string?)reported["finish_reason"]));
    }

    [Fact]
    public void With_fewer_choices_than_requested_the_finish_reason_comes_at_the_end()
    {
        var reading = NativeReading.OfEvents(["""{"choices":[{"index":0,"delta":{"content":"a"}}]}""", Stop], choices: 3);

        Assert.Equal([null, null, "stop"], reading.Events.Take(3).Select(reported => (string?)reported["finish_reason"]));
        Assert.True(reading.IsDone);
    }

    [Theory]
    [InlineData("""{"error":{"message":"overloaded \"now\"","type":"x"}}""", """{"error":"overloaded \"now\"","finish_reason":"error"}""")]
    [InlineData("""{"error":"overloaded"}""", """{"error":"overloaded","finish_reason":"error"}""")]
    [InlineData("""{"error":{"code":500},"choices":null}""", """{"error":"The provider reported an error.","finish_reason":"error"}""")]
    [InlineData("""{"type":"error","message":"overloaded"}""", """{"error":"overloaded","finish_reason":"error"}""")]
    public void An_error_is_the_last_event(string error, string expected)
    {
        var reading = NativeReading.OfEvents(["""{"choices":[{"index":0,"delta":{"content":"a"}}]}""", error, Stop]);

        Assert.EndsWith($"data: {expected}\n\n", reading.Text, StringComparison.Ordinal);
        Assert.NotNull(reading.GivenUp);
        Assert.Equal(2, reading.Events.Count);
    }

    [Theory]
    [InlineData("{}", true, """{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}""")]
    [InlineData("""{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"x":{"y":1}}""", true, """{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"x":{"y":1}}""")]
    [InlineData("""{"prompt_tokens":7,"x":1}""", true, """{"prompt_tokens":7,"x":1,"completion_tokens":5,"total_tokens":12}""")]
    [InlineData("""{"prompt_tokens":null}""", true, """{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}""")]
    [InlineData("""{"prompt_tokens":999999999,"completion_tokens":2,"total_tokens":3}""", false, """{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}""")]
    [InlineData("null", true, """{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}""")]
    public void Usage_is_the_provider_s_if_complete_and_plausible(string reported, bool isBelieved, string expected)
    {
        var reading = NativeReading.OfEvents([Stop, $$"""{"choices":[],"usage":{{reported}}}"""], bill: NativeReading.Bill with { IsReported = isBelieved, CostUsd = null });

        Assert.Contains($$"""data: {"usage":{{expected}},"cost_usd":null}""", reading.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_reader_sees_the_same_lines_whatever_line_ends_the_provider_uses()
    {
        var reading = NativeReading.Of(
            NativeShape.Chat,
            "\uFEFF: wait\r\r: more\r\ndata: {\"choices\":[{\"index\":0,\r\ndata:\"delta\":{\"content\":\"a\u2028b\u2029c\u0085d\u2019\"}}]}\r\n\r\nevent: x\rid: 7\rdata: " + Stop + "\r\rdata:[DONE]",
            isEventStream: true);

        Assert.Equal(
            ": wait\n: more\ndata: {\"delta\":\"a\\u2028b\\u2029c\\u0085d\u2019\",\"choices\":[{\"index\":0, \"delta\":{\"content\":\"a\\u2028b\\u2029c\\u0085d\u2019\"}}]}\n\n"
            + "data: {\"delta\":\"\",\"finish_reason\":\"stop\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
            + Tail,
            reading.Text);
    }

    [Fact]
    public void Text_in_parts_is_text()
    {
        var reading = NativeReading.OfEvents(["""{"choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"a\n"},{"type":"text","text":"b"}]}}]}"""]);

        Assert.Equal("a\nb", (string?)reading.Events[0]["delta"]);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("{\"choices\":[")]
    [InlineData("5")]
    [InlineData("{\"choices\":[]} {}")]
    [InlineData("{\"type\":\"ping\"}")]
    public void Data_that_no_client_can_read_is_dropped(string data)
    {
        var reading = NativeReading.OfEvents([data, Stop]);

        Assert.StartsWith("data: {\"delta\":\"\",\"finish_reason\":\"stop\"", reading.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("data: [DONE]\n")]
    [InlineData("data: [DONE]\r\n\r\n: behind\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"behind\"}}]}\n\n")]
    public void The_end_is_sent_once(string end)
    {
        var reading = NativeReading.OfEvents([Stop, Usage], end);

        Assert.EndsWith("\n\n" + Tail, reading.Text, StringComparison.Ordinal);
        Assert.Equal(2, reading.Events.Count);
    }

    [Fact]
    public void Calls_of_a_stream_without_a_finish_reason_are_still_sent()
    {
        var reading = NativeReading.OfEvents(["""{"choices":[{"index":1,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"1"}}]}}]}"""], choices: 2);

        Assert.Equal("f", (string?)reading.Events[0]["choices"]![0]!["delta"]!["tool_calls"]![0]!["function"]!["name"]);
        Assert.True(reading.IsDone);
    }

    [Fact]
    public void An_event_above_the_buffer_limit_ends_the_stream_with_an_error()
    {
        var half = new string('x', EventReader.MaxEventBytes / 2);
        var reading = NativeReading.Of(NativeShape.Chat, $"data: {Stop}\n\ndata: {half}{half}x\n\n" + "data: [DONE]\n\n", isEventStream: true, room: 4_000_000, cuts: 4_000_000);

        Assert.Equal("""{"error":"The provider sent an event that is too large to forward.","finish_reason":"error"}""", reading.Events[1].ToJsonString());
        Assert.False(reading.IsDone);
        Assert.NotNull(reading.GivenUp);
    }
}
