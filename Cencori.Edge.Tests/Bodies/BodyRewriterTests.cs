using System.Text;
using Cencori.Edge.Bodies;

namespace Cencori.Edge.Tests.Bodies;

public class BodyRewriterTests
{
    [Theory]
    [InlineData("""{"model":"a","x":{"model":"a"}}""", """{"model":"longer","x":{"model":"a"}}""")]
    [InlineData("""{ "model" : "much longer than that" , "x":1}""", """{ "model" : "longer" , "x":1}""")]
    [InlineData("""{"model":null,"x":1}""", """{"model":"longer","x":1}""")]
    [InlineData("""{"model":"a","x":1,"model":"c","mod\u0065l":"b"}""", """{"model":"longer","x":1,"model":"longer","mod\u0065l":"longer"}""")]
    [InlineData("""{"x":1}""", """{"model":"longer","x":1}""")]
    [InlineData("""{ }""", """{"model":"longer" }""")]
    public async Task Every_model_at_the_top_is_replaced_and_a_missing_one_inserted(string original, string expected)
    {
        using var body = await PooledBodyTests.ReadAsync(Encoding.UTF8.GetBytes(original));

        body.ReplaceModel(RequestScannerTests.Scan(original), "longer");

        Assert.Equal(expected, Encoding.UTF8.GetString(body.Span));
    }

    [Fact]
    public async Task After_a_new_model_the_scan_still_points_at_stream_options()
    {
        const string Original = """{"model":"a","stream_options":{"x":1},"model":"b"}""";
        using var body = await PooledBodyTests.ReadAsync(Encoding.UTF8.GetBytes(Original));

        var scan = body.ReplaceModel(RequestScannerTests.Scan(Original), "longer");
        body.Replace(scan.StreamOptions!.Value, """{"include_usage":true}"""u8);

        Assert.Equal("""{"model":"longer","stream_options":{"include_usage":true},"model":"longer"}""", Encoding.UTF8.GetString(body.Span));
    }

    [Fact]
    public async Task A_rewrite_that_outgrows_the_buffer_gets_a_larger_one()
    {
        var original = $$"""{"model":"a","x":"{{new string('x', 65_000)}}"}""";
        using var body = await PooledBodyTests.ReadAsync(Encoding.UTF8.GetBytes(original));

        var scan = RequestScannerTests.Scan(original);
        for (var i = 0; i < 10; i++)
        {
            scan = body.ReplaceModel(scan, new string('m', 25 * (i + 1) * 100));
        }

        Assert.Equal(original.Replace("\"a\"", $"\"{new string('m', 25_000)}\"", StringComparison.Ordinal), Encoding.UTF8.GetString(body.Span));
    }
}
