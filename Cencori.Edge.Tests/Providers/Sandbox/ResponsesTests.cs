#pragma warning disable OPENAI001 // The SDK marks its responses API as experimental.
using System.Text;
using System.Text.Json;
using Cencori.Edge.Records.Sql;
using OpenAI.Responses;

namespace Cencori.Edge.Tests.Providers.Sandbox;

public sealed class ResponsesTests : IDisposable
{
    private const string Path = "/v1/responses";

    private readonly SandboxCalls _calls = new();

    public void Dispose() => _calls.Dispose();

    [Fact]
    public async Task The_official_SDK_reads_text_and_usage()
    {
        ResponseResult response = await Client().CreateResponseAsync("echo", "one two three");

        Assert.Equal("one two three", response.GetOutputText());
        Assert.Equal(ResponseStatus.Completed, response.Status);
        Assert.Equal(3, response.Usage.OutputTokenCount);
        Assert.Equal(3 + 3 + 3, response.Usage.InputTokenCount);
    }

    [Fact]
    public async Task A_request_with_response_format_gets_no_details()
    {
        var response = await _calls.PostJsonAsync(Path, """{"model":"echo","input":"hi","tools":null,"response_format":null,"user":null,"stream":false}""");

        Assert.Equal(["input_tokens", "output_tokens", "total_tokens"], response.GetProperty("usage").EnumerateObject().Select(property => property.Name));
        Assert.Equal(["type", "text", "annotations"], response.GetProperty("output")[0].GetProperty("content")[0].EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public async Task The_official_SDK_reads_the_stream_to_its_end()
    {
        var text = new StringBuilder();
        ResponseResult? completed = null;
        var sequence = new List<int>();
        await using var updates = await Client().CreateResponseStreamingAsync("echo", "one two three four five");
        await foreach (var update in updates)
        {
            sequence.Add(update.SequenceNumber);
            text.Append((update as StreamingResponseOutputTextDeltaUpdate)?.Delta);
            completed = (update as StreamingResponseCompletedUpdate)?.Response ?? completed;
        }

        Assert.Equal("one two three four five", text.ToString());
        Assert.Equal("one two three four five", completed?.GetOutputText());
        Assert.Equal(Enumerable.Range(0, sequence.Count), sequence);
    }

    [Fact]
    public async Task A_stream_has_its_named_events_in_order_and_no_DONE()
    {
        var stream = await _calls.PostTextAsync(Path, """{"model":"echo","stream":true,"input":[{"role":"user","content":[{"type":"input_text","text":"hi"}]}]}""");

        Assert.Equal(
            [
                "response.created", "response.in_progress", "response.output_item.added", "response.content_part.added", "response.output_text.delta",
                "response.output_text.done", "response.content_part.done", "response.output_item.done", "response.completed",
            ],
            stream.Split('\n').Where(line => line.StartsWith("event: ", StringComparison.Ordinal)).Select(line => line["event: ".Length..]));
        Assert.DoesNotContain("[DONE]", stream, StringComparison.Ordinal);
        var last = JsonElement.Parse(SandboxCalls.Data(stream).Last()).GetProperty("response");
        Assert.Equal(8, last.GetProperty("usage").GetProperty("total_tokens").GetInt32());
        Assert.Equal("hi", last.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task A_token_limit_leaves_the_response_incomplete()
    {
        var response = await _calls.PostJsonAsync(Path, """{"model":"echo","input":"one two three","max_output_tokens":2}""");
        var events = await _calls.PostStreamAsync(Path, """{"model":"echo","input":"one two three","max_output_tokens":2,"stream":true}""");

        Assert.Equal("incomplete", response.GetProperty("status").GetString());
        Assert.Equal("max_output_tokens", response.GetProperty("incomplete_details").GetProperty("reason").GetString());
        Assert.Equal("response.incomplete", events[^1].GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_function_is_called_and_its_output_is_quoted()
    {
        const string tools = """[{"type":"function","name":"look","parameters":{"type":"object","properties":{"where":{"type":"string"}}}}]""";

        var call = (await _calls.PostJsonAsync(Path, $$"""{"model":"echo","input":"here","tools":{{tools}}}""")).GetProperty("output")[0];
        var events = await _calls.PostStreamAsync(Path, $$"""{"model":"echo","input":"here","stream":true,"tools":{{tools}}}""");
        var quoted = await _calls.PostJsonAsync(Path,
            $$"""{"model":"echo","tools":{{tools}},"input":[{"role":"user","content":"here"},{"type":"function_call_output","call_id":"c","output":"a tree"}]}""");

        Assert.Equal("function_call", call.GetProperty("type").GetString());
        Assert.Equal("""{"where":"here"}""", call.GetProperty("arguments").GetString());
        var deltas = events.Where(one => one.GetProperty("type").GetString() == "response.function_call_arguments.delta").ToList();
        Assert.True(deltas.Count >= 2);
        Assert.Equal("""{"where":"here"}""", string.Concat(deltas.Select(one => one.GetProperty("delta").GetString())));
        Assert.Contains("a tree", quoted.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_custom_tool_is_called_with_text_and_other_types_of_tools_are_not_called()
    {
        const string tools = """[{"type":"namespace","name":"crm","tools":[]},{"type":"custom","name":"run"}]""";
        var call = (await _calls.PostJsonAsync(Path, $$"""{"model":"echo","input":"here","tools":{{tools}}}""")).GetProperty("output")[0];
        var events = await _calls.PostStreamAsync(Path, $$"""{"model":"echo","input":"here","stream":true,"tools":{{tools}}}""");

        Assert.Equal(("custom_tool_call", "run", "here"), (call.GetProperty("type").GetString(), call.GetProperty("name").GetString(), call.GetProperty("input").GetString()));
        var deltas = events.Where(one => one.GetProperty("type").GetString() == "response.custom_tool_call_input.delta").Select(one => one.GetProperty("delta").GetString());
        Assert.Equal("here", string.Concat(deltas));
        Assert.Equal("here", Assert.Single(events, one => one.GetProperty("type").GetString() == "response.custom_tool_call_input.done").GetProperty("input").GetString());
    }

    [Fact]
    public async Task Line_breaks_in_the_callers_tools_do_not_break_an_event()
    {
        var stream = await _calls.PostTextAsync(Path, "{\"model\":\"echo\",\"input\":\"hi\",\"stream\":true,\"tools\":[\n{\"type\":\n\"web_search\"}]}");

        Assert.All(
            stream.Split('\n').Where(line => line.Length > 0),
            line => Assert.True(line.StartsWith("event: ", StringComparison.Ordinal) || line.StartsWith("data: {", StringComparison.Ordinal), line));
        var tools = JsonElement.Parse(SandboxCalls.Data(stream).Last()).GetProperty("response").GetProperty("tools");
        Assert.Equal("web_search", tools[0].GetProperty("type").GetString());
    }

    private static ResponsesClient Client()
    {
        var options = new ResponsesClientOptions { Endpoint = new Uri("http://sandbox.invalid/v1") };
        SandboxSdk.Prepare(options);
        return new ResponsesClient(SandboxSdk.Key, options);
    }
}
