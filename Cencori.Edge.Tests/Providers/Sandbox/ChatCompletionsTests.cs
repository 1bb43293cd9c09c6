using System.Text.Json;

namespace Cencori.Edge.Tests.Providers.Sandbox;

public sealed class ChatCompletionsTests : IDisposable
{
    private const string Path = "/v1/chat/completions";
    private const string Tools = """[{"type":"function","function":{"name":"first"}},{"type":"function","function":{"name":"second","parameters":{}}}]""";

    private readonly SandboxCalls _calls = new();

    public void Dispose() => _calls.Dispose();

    [Fact]
    public async Task A_stream_begins_with_the_role_and_ends_with_the_finish_reason_and_has_no_usage_by_default()
    {
        var data = SandboxCalls.Data(await _calls.PostTextAsync(Path, Body("echo", "one two three four", "\"stream\":true"))).ToList();

        Assert.Equal("[DONE]", data[^1]);
        var chunks = data.SkipLast(1).Select(one => JsonElement.Parse(one)).ToList();
        Assert.Equal("assistant", chunks[0].GetProperty("choices")[0].GetProperty("delta").GetProperty("role").GetString());
        Assert.Equal("stop", Finish(chunks[^1]));
        Assert.Equal(["", "one two three", " four", ""], chunks.Select(ChatChunk.Content));
        Assert.All(chunks, chunk => Assert.False(chunk.TryGetProperty("usage", out _)));
        Assert.Single(chunks.Select(chunk => chunk.GetProperty("id").GetString()).Distinct());
    }

    [Fact]
    public async Task A_stream_with_include_usage_ends_with_a_chunk_without_choices()
    {
        var chunks = await _calls.PostStreamAsync(Path, Body("echo", "one two", "\"stream\":true,\"stream_options\":{\"include_usage\":true}"));

        Assert.Equal(0, chunks[^1].GetProperty("choices").GetArrayLength());
        Assert.Equal(2 + 3 + 3 + 2, chunks[^1].GetProperty("usage").GetProperty("total_tokens").GetInt32());
        Assert.All(chunks.SkipLast(1), chunk => Assert.Equal(JsonValueKind.Null, chunk.GetProperty("usage").ValueKind));
    }

    [Theory]
    [InlineData("max_tokens")]
    [InlineData("max_completion_tokens")]
    public async Task A_token_limit_cuts_the_response_with_finish_reason_length(string field)
    {
        var response = await _calls.PostJsonAsync(Path, Body("echo", "one two three four", $"\"{field}\":2"));

        Assert.Equal("one two", Content(response));
        Assert.Equal("length", Finish(response));
        Assert.Equal(2, response.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task A_token_limit_equal_to_the_response_gives_finish_reason_stop()
    {
        var response = await _calls.PostJsonAsync(Path, Body("echo", "one two", "\"max_tokens\":2"));

        Assert.Equal("stop", Finish(response));
    }

    [Theory]
    [InlineData("\"stop\":\" three\"", "one two")]
    [InlineData("\"stop\":[\"four\",\" two\",\"\"]", "one")]
    public async Task The_response_ends_before_a_stop_word(string stop, string expected)
    {
        var response = await _calls.PostJsonAsync(Path, Body("echo", "one two three four", stop));

        Assert.Equal(expected, Content(response));
    }

    [Fact]
    public async Task Several_choices_are_numbered_and_each_counts_in_the_usage()
    {
        var response = await _calls.PostJsonAsync(Path, Body("echo", "one two", "\"n\":3"));
        var chunks = await _calls.PostStreamAsync(Path, Body("echo", "one two", "\"n\":3,\"stream\":true"));

        Assert.Equal([0, 1, 2], response.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("index").GetInt32()));
        Assert.Equal(6, response.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.Equal(3, chunks.Count(chunk => Finish(chunk) == "stop"));
        Assert.Equal([0, 1, 2], chunks.Select(chunk => chunk.GetProperty("choices")[0].GetProperty("index").GetInt32()).Distinct());
    }

    [Fact]
    public async Task Text_parts_are_joined_and_image_parts_are_ignored()
    {
        var response = await _calls.PostJsonAsync(Path,
            """{"model":"echo","messages":[{"role":"user","content":[{"type":"text","text":"a "},{"type":"image_url","image_url":{"url":"x"}},{"type":"text","text":"b"}]}]}""");

        Assert.Equal("a b", Content(response));
    }

    [Theory]
    [InlineData("\"tool_choice\":\"auto\"", "first")]
    [InlineData("\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"second\"}}", "second")]
    public async Task Tool_choice_decides_which_function_is_called(string choice, string expected)
    {
        var response = await _calls.PostJsonAsync(Path, Body("echo", "hi", $"\"tools\":{Tools},{choice}"));

        var message = response.GetProperty("choices")[0].GetProperty("message");
        Assert.Equal(JsonValueKind.Null, message.GetProperty("content").ValueKind);
        Assert.Equal(expected, message.GetProperty("tool_calls")[0].GetProperty("function").GetProperty("name").GetString());
        Assert.Equal("{}", message.GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").GetString());
    }

    [Fact]
    public async Task Tool_choice_none_gives_text()
    {
        var response = await _calls.PostJsonAsync(Path, Body("echo", "hi", $"\"tools\":{Tools},\"tool_choice\":\"none\""));

        Assert.Equal("hi", Content(response));
        Assert.False(response.GetProperty("choices")[0].GetProperty("message").TryGetProperty("tool_calls", out _));
    }

    [Fact]
    public async Task A_tool_choice_that_names_a_missing_function_is_rejected()
    {
        var error = await _calls.PostRefusedAsync(Path,
            Body("echo", "hi", $"\"tools\":{Tools},\"tool_choice\":{{\"type\":\"function\",\"function\":{{\"name\":\"third\"}}}}"));

        Assert.Equal("tool_choice", error.GetProperty("param").GetString());
    }

    [Fact]
    public async Task A_custom_tool_is_called_with_text()
    {
        const string more = "\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"run\"}}]";
        var call = (await _calls.PostJsonAsync(Path, Body("echo", "hi there 🎈", more))).GetProperty("choices")[0].GetProperty("message").GetProperty("tool_calls")[0];
        var chunks = await _calls.PostStreamAsync(Path, Body("echo", "hi there 🎈", more + ",\"stream\":true"));

        var custom = call.GetProperty("custom");
        Assert.Equal(("custom", "run", "hi there 🎈"), (call.GetProperty("type").GetString(), custom.GetProperty("name").GetString(), custom.GetProperty("input").GetString()));
        var inputs = chunks.Select(chunk => chunk.GetProperty("choices")[0].GetProperty("delta")).Where(delta => delta.TryGetProperty("tool_calls", out _))
            .Select(delta => delta.GetProperty("tool_calls")[0].GetProperty("custom").GetProperty("input").GetString());
        Assert.Equal("hi there 🎈", string.Concat(inputs));
    }

    [Fact]
    public async Task A_requested_schema_is_filled()
    {
        var response = await _calls.PostJsonAsync(Path, Body("gpt-4o", "hi", "\"response_format\":" +
            """{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object","properties":{"ok":{"type":"boolean"}}}}}"""));

        Assert.Equal("""{"ok":true}""", Content(response));
    }

    [Fact]
    public async Task A_requested_JSON_object_is_an_object()
    {
        var response = await _calls.PostJsonAsync(Path, Body("gpt-4o", "hi", "\"response_format\":{\"type\":\"json_object\"}"));

        Assert.Equal("""{"answer":"hi"}""", Content(response));
    }

    [Theory]
    [InlineData("\"n\":17", "n")]
    [InlineData("\"n\":0", "n")]
    [InlineData("\"max_tokens\":0", "max_tokens")]
    [InlineData("\"max_tokens\":\"many\"", "max_tokens")]
    [InlineData("\"stream\":\"yes\"", "stream")]
    [InlineData("\"stop\":[1]", "stop")]
    [InlineData("\"tools\":{}", "tools")]
    public async Task An_invalid_field_is_rejected_by_name(string field, string name)
    {
        var error = await _calls.PostRefusedAsync(Path, Body("echo", "hi", field));

        Assert.Equal(name, error.GetProperty("param").GetString());
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_long_question_is_quoted_only_in_part()
    {
        var response = await _calls.PostJsonAsync(Path, Body("gpt-4o", new string('x', 1000)));

        Assert.EndsWith(new string('x', 200) + "…", Content(response), StringComparison.Ordinal);
    }

    private static string Body(string model, string text, string more = "\"temperature\":1") =>
        $$"""{"model":"{{model}}","messages":[{"role":"user","content":"{{text}}"}],{{more}}}""";

    private static string? Content(JsonElement response) => response.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString();

    private static string? Finish(JsonElement response) => response.GetProperty("choices")[0].GetProperty("finish_reason").GetString();
}
