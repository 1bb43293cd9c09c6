using System.Text;
using Cencori.Edge.Bodies.Splicing;

namespace Cencori.Edge.Tests.Bodies;

public class JsonSplicesTests
{
    [Theory]
    [InlineData("""{"model":"a","x":{"model":"a"}}""", """{"model":"longer","x":{"model":"a"}}""")]
    [InlineData("""{ "model" : "much longer than that" , "x":1}""", """{ "model" : "longer" , "x":1}""")]
    [InlineData("""{"model":null,"x":1}""", """{"model":"longer","x":1}""")]
    [InlineData("""{"model":"a","x":1,"model":"c","mod\u0065l":"b"}""", """{"model":"longer","x":1,"model":"longer","mod\u0065l":"longer"}""")]
    [InlineData("""{"x":1}""", """{"model":"longer","x":1}""")]
    [InlineData("""{ }""", """{"model":"longer" }""")]
    public async Task Every_top_level_model_is_replaced_and_a_missing_one_is_inserted(string original, string expected) =>
        Assert.Equal(expected, await SplicedAsync(original, "longer", includesUsage: false));

    [Theory]
    [InlineData("""{"model":"a","stream_options":{"x":1},"model":"b"}""", """{"model":"longer","stream_options":{"include_usage":true,"x":1},"model":"longer"}""")]
    [InlineData("""{"model":"a","stream_options":{ }}""", """{"model":"longer","stream_options":{"include_usage":true }}""")]
    [InlineData("""{"stream_options":null,"model":"a"}""", """{"stream_options":{"include_usage":true},"model":"longer"}""")]
    [InlineData("""{"stream_options":{"include_usage" : false, "x":1}}""", """{"model":"longer","stream_options":{"include_usage" : true, "x":1}}""")]
    [InlineData("""{"stream_options":{"include_usage":false,"include_usage":null},"model":"a"}""", """{"stream_options":{"include_usage":false,"include_usage":true},"model":"longer"}""")]
    [InlineData("""{"stream":true,"model":"a"}""", """{"stream_options":{"include_usage":true},"stream":true,"model":"longer"}""")]
    [InlineData("""{"stream":true}""", """{"stream_options":{"include_usage":true},"model":"longer","stream":true}""")]
    [InlineData("""{"stream_options":{"x":1},"stream_options":null,"model":"a"}""", """{"stream_options":{"x":1},"stream_options":{"include_usage":true},"model":"longer"}""")]
    public async Task Usage_is_requested_wherever_stream_options_are(string original, string expected)
    {
        Assert.Equal(expected, await SplicedAsync(original, "longer", includesUsage: true));

        // One scan serves every attempt, each with its own changes.
        Assert.Equal(original, await SplicedAsync(original, null, includesUsage: false));
        Assert.True(RequestScannerTests.Scan(await SplicedAsync(original, null, includesUsage: true)).IncludeUsage);
    }

    [Fact]
    public void An_unchanged_body_has_no_splices() =>
        Assert.Same(Array.Empty<Splice>(), RequestScannerTests.Scan("""{"model":"a"}""").Splices("""{"model":"a"}"""u8, null, includesUsage: false));

    [Fact]
    public async Task A_model_may_be_much_longer_than_the_one_it_replaces()
    {
        var original = $$"""{"model":"a","x":"{{new string('x', 65_000)}}"}""";
        var model = new string('m', 25_000);

        Assert.Equal(original.Replace("\"a\"", $"\"{model}\"", StringComparison.Ordinal), await SplicedAsync(original, model, includesUsage: false));
    }

    private static async Task<string> SplicedAsync(string original, string? model, bool includesUsage)
    {
        using var body = await PooledBodyTests.ReadAsync(Encoding.UTF8.GetBytes(original));
        using var content = new SplicedContent(body, RequestScannerTests.Scan(original).Splices(body.Span, model, includesUsage));
        return await content.ReadAsStringAsync();
    }
}
