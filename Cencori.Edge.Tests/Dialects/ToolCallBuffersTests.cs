using System.Text;
using Cencori.Edge.Dialects;
using Cencori.Edge.Dialects.ChatChunks;

namespace Cencori.Edge.Tests.Dialects;

/// <summary>Limits on held tool calls.</summary>
public sealed class ToolCallBuffersTests
{
    [Fact]
    public void A_fragment_of_a_held_call_allocates_nothing()
    {
        var calls = new ToolCallBuffers();
        Add(calls, """[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]""");
        var more = Encoding.UTF8.GetBytes("""[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]""");
        calls.Add(more, ..more.Length);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            calls.Add(more, ..more.Length);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        calls.Release();
    }

    [Fact]
    public void Calls_above_the_limit_are_not_held()
    {
        var calls = new ToolCallBuffers();
        Add(calls, $"[{string.Join(',', Enumerable.Range(0, 128).Select(i => $$"""{"index":{{i}},"id":"a"}"""))}]");
        Assert.False(calls.AreTooMany);
        var bytes = calls.Bytes;

        // The first call exceeds the limit, so the second call is not read.
        Add(calls, """[{"index":128,"id":"a"},{"index":0,"id":"a","function":{"arguments":"more"}}]""");
        Assert.True(calls.AreTooMany);
        Assert.Equal(bytes, calls.Bytes);
        calls.Release();
    }

    [Theory]
    [InlineData("""{"index":0,MEMBERS}""")]
    [InlineData("""{"index":0,"function":{MEMBERS}}""")]
    public void Members_above_the_limit_are_not_held(string call)
    {
        var calls = new ToolCallBuffers();
        Add(calls, $"[{call.Replace("MEMBERS", Members(0, 64), StringComparison.Ordinal)}]");
        Add(calls, $"[{call.Replace("MEMBERS", Members(0, 64), StringComparison.Ordinal)}]");
        Assert.False(calls.AreTooMany);
        Add(calls, $"[{call.Replace("MEMBERS", Members(64, 1), StringComparison.Ordinal)}]");
        Assert.True(calls.AreTooMany);
        calls.Release();
    }

    [Fact]
    public void The_length_of_a_name_is_limited()
    {
        var calls = new ToolCallBuffers();
        Add(calls, $$$"""[{"index":0,"function":{"name":"{{{new string('x', 4096)}}}"}}]""");
        Assert.False(calls.AreTooMany);
        Add(calls, """[{"index":0,"function":{"name":"y"}}]""");
        Assert.True(calls.AreTooMany);
        calls.Release();
    }

    [Fact]
    public void A_stream_with_too_many_calls_ends_in_an_error()
    {
        var calls = string.Join(',', Enumerable.Range(0, 129).Select(i => $$"""{"index":{{i}},"id":"a"}"""));
        var reading = NativeReading.OfEvents([$$$"""{"choices":[{"index":0,"delta":{"tool_calls":[{{{calls}}}]}}]}"""]);

        Assert.Equal("The provider sent tool calls that are too large to forward.", (string?)Assert.Single(reading.Events)["error"]);
        Assert.NotNull(reading.GivenUp);
    }

    [Fact]
    public void Calls_that_were_sent_are_no_longer_held()
    {
        var chunk = new Chunk();
        var choices = new PendingChoices(1);
        var output = new TextBuffer();
        var max = 0L;
        for (var i = 0; i < 100; i++)
        {
            var json = Encoding.UTF8.GetBytes($$$"""{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a{{{i:D2}}}","function":{"arguments":"{{{new string('x', 1_000)}}}"}}]},"finish_reason":"tool_calls"}]}""");
            Assert.True(chunk.TryRead(json));
            choices.Take(chunk, json);
            choices.WriteChoices(output, chunk, json);
            max = Math.Max(max, choices.HeldBytes);
        }

        Assert.InRange(max, 1_000, 2_000);
        choices.Release();
        output.Clear();
    }

    private static string Members(int first, int count) => string.Join(',', Enumerable.Range(first, count).Select(i => $"\"m{i}\":1"));

    private static void Add(ToolCallBuffers calls, string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        calls.Add(bytes, ..bytes.Length);
    }
}
