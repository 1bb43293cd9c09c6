namespace Cencori.Edge.Tests.Providers.Sandbox;

public sealed class CompletionsTests : IDisposable
{
    private const string Path = "/v1/completions";

    private readonly SandboxCalls _calls = new();

    public void Dispose() => _calls.Dispose();

    [Fact]
    public async Task Every_prompt_gets_its_own_choice()
    {
        var response = await _calls.PostJsonAsync(Path, """{"model":"echo","prompt":["one two","three"]}""");

        Assert.Equal("text_completion", response.GetProperty("object").GetString());
        Assert.Equal(["one two", "three"], response.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("text").GetString()));
        Assert.Equal(6, response.GetProperty("usage").GetProperty("total_tokens").GetInt32());
    }

    [Fact]
    public async Task The_deltas_of_a_stream_join_to_the_text_and_usage_comes_last()
    {
        var chunks = await _calls.PostStreamAsync(Path,
            """{"model":"echo","prompt":"one two three four five","max_tokens":4,"stream":true,"stream_options":{"include_usage":true}}""");

        var choices = chunks.SkipLast(1).Select(chunk => chunk.GetProperty("choices")[0]).ToList();
        Assert.Equal("one two three four", string.Concat(choices.Select(choice => choice.GetProperty("text").GetString())));
        Assert.Equal("length", choices[^1].GetProperty("finish_reason").GetString());
        Assert.Equal(0, chunks[^1].GetProperty("choices").GetArrayLength());
        Assert.Equal(4, chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Theory]
    [InlineData("""{"model":"echo"}""", "prompt")]
    [InlineData("""{"model":"echo","prompt":[]}""", "prompt")]
    [InlineData("""{"model":"echo","prompt":["a","b"],"n":9}""", "n")]
    public async Task A_missing_prompt_or_too_many_choices_are_rejected(string body, string param)
    {
        var error = await _calls.PostRefusedAsync(Path, body);

        Assert.Equal(param, error.GetProperty("param").GetString());
    }
}
