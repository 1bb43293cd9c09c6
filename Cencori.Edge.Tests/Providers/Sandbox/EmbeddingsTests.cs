using System.Runtime.InteropServices;
using System.Text.Json;

namespace Cencori.Edge.Tests.Providers.Sandbox;

public sealed class EmbeddingsTests : IDisposable
{
    private const string Path = "/v1/embeddings";

    private readonly SandboxCalls _calls = new();

    public void Dispose() => _calls.Dispose();

    [Fact]
    public async Task Base64_and_float_hold_the_same_values()
    {
        var floats = Embedding(await _calls.PostJsonAsync(Path, """{"model":"e","input":"hello","dimensions":64}"""));
        var base64 = Embedding(await _calls.PostJsonAsync(Path, """{"model":"e","input":"hello","dimensions":64,"encoding_format":"base64"}"""));

        var expected = floats.EnumerateArray().Select(value => value.GetSingle()).ToArray();
        Assert.Equal(64, expected.Length);
        Assert.Equal(expected, MemoryMarshal.Cast<byte, float>(base64.GetBytesFromBase64()).ToArray());
    }

    [Theory]
    [InlineData("text-embedding-3-small", 1536)]
    [InlineData("sandbox/text-embedding-3-large", 3072)]
    public async Task The_default_dimensions_depend_on_the_model(string model, int expected)
    {
        var response = await _calls.PostJsonAsync(Path, $$"""{"model":"{{model}}","input":"hello"}""");

        Assert.Equal(expected, Embedding(response).GetArrayLength());
        Assert.Equal(model, response.GetProperty("model").GetString());
    }

    [Theory]
    [InlineData("\"hello world\"", 1, 2)]
    [InlineData("[\"hello\",\" world\",\"hello\"]", 3, 3)]
    [InlineData("[1,2,3]", 1, 3)]
    [InlineData("[[1,2,3],[4]]", 2, 4)]
    public async Task Every_form_of_input_is_counted(string input, int vectors, int tokens)
    {
        var response = await _calls.PostJsonAsync(Path, $$"""{"model":"e","dimensions":2,"input":{{input}}}""");

        Assert.Equal(Enumerable.Range(0, vectors), response.GetProperty("data").EnumerateArray().Select(one => one.GetProperty("index").GetInt32()));
        Assert.Equal(tokens, response.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(tokens, response.GetProperty("usage").GetProperty("total_tokens").GetInt32());
    }

    [Theory]
    [InlineData("\"dimensions\":0,\"input\":\"a\"", "dimensions")]
    [InlineData("\"dimensions\":4097,\"input\":\"a\"", "dimensions")]
    [InlineData("\"encoding_format\":\"hex\",\"input\":\"a\"", "encoding_format")]
    [InlineData("\"input\":[]", "input")]
    [InlineData("\"input\":[\"a\",1]", "input")]
    [InlineData("\"dimensions\":2", "input")]
    public async Task An_invalid_field_is_rejected_by_name(string fields, string name)
    {
        var error = await _calls.PostRefusedAsync(Path, $$"""{"model":"e",{{fields}}}""");

        Assert.Equal(name, error.GetProperty("param").GetString());
    }

    private static JsonElement Embedding(JsonElement response) => response.GetProperty("data")[0].GetProperty("embedding");
}
