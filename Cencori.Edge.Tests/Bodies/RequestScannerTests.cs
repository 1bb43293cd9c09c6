using System.Text;
using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Tests.Bodies;

public class RequestScannerTests
{
    [Fact]
    public void An_ordinary_chat_request_is_read_whole()
    {
        const string Body = """{"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true},"n":2,"max_tokens":50,"messages":[{"role":"user","content":"Hello"}]}""";

        var scan = Scan(Body);

        Assert.Equal("gpt-4o", scan.Model);
        Assert.Equal("\"gpt-4o\"", Text(Body, scan.ModelRange));
        Assert.True(scan.Stream);
        Assert.Equal("""{"include_usage":true}""", Text(Body, scan.StreamOptions));
        Assert.True(scan.IncludeUsage);
        Assert.Equal(2, scan.Choices);
        Assert.Equal(50, scan.OutputBound);
        Assert.True(scan.HasMessages);
        Assert.Equal("roleusercontentHello".Length, scan.InputTextBytes);
        Assert.Equal(1, scan.InsertOffset);
        Assert.False(scan.IsEmptyObject);
    }

    [Fact]
    public void An_empty_object_has_the_defaults()
    {
        var scan = Scan("{}");

        Assert.Equal(new RequestScan { Choices = 1, InsertOffset = 1, IsEmptyObject = true }, scan);
    }

    [Theory]
    [InlineData("""{"model":5}""", "model")]
    [InlineData("""{"model":{"model":"a"}}""", "model")]
    [InlineData("""{"model":["a"]}""", "model")]
    [InlineData("""{"model":true}""", "model")]
    [InlineData("""{"model":""}""", "model")]
    [InlineData("""{"model":5,"model":"a"}""", "model")]
    [InlineData("""{"model":"o1-pro","model":null}""", "model")]
    [InlineData("""{"model":null,"model":"o1-pro"}""", "model")]
    [InlineData("""{"model":"a","mod\u0065l":null,"model":"b"}""", "model")]
    [InlineData("""{"model":null,"model":null}""", "model")]
    [InlineData("""{"model":"\ud800"}""", "model")]
    [InlineData("""{"model":"a","Model":"b"}""", "model")]
    [InlineData("""{"MODEL":"b"}""", "model")]
    [InlineData("""{"Models":["b"]}""", "models")]
    [InlineData("""{"MODEL\u0053":[]}""", "models")]
    [InlineData("""{"mod\ud800":"b"}""", null)]
    [InlineData("""{"model":"a","messages":[{"\ud800":1}]}""", null)]
    [InlineData("""{"model":"a","tools":[{"\ud800":1}]}""", null)]
    [InlineData("""{"model":"a","tools":[{"type":"\ud800aa"}]}""", null)]
    [InlineData("""{"model":"a","tools":[{"type":"\ud800aaaaaa"}]}""", null)]
    [InlineData("""{"stream":"true"}""", "stream")]
    [InlineData("""{"stream":1}""", "stream")]
    [InlineData("""{"stream_options":true}""", "stream_options")]
    [InlineData("""{"stream_options":[]}""", "stream_options")]
    [InlineData("""{"stream_options":{"include_usage":1}}""", "stream_options.include_usage")]
    [InlineData("""{"max_tokens":-1}""", "max_tokens")]
    [InlineData("""{"max_tokens":1.5}""", "max_tokens")]
    [InlineData("""{"max_tokens":"5"}""", "max_tokens")]
    [InlineData("""{"max_tokens":-1e400}""", "max_tokens")]
    [InlineData("""{"max_output_tokens":[]}""", "max_output_tokens")]
    [InlineData("""{"max_completion_tokens":false}""", "max_completion_tokens")]
    [InlineData("""{"n":0}""", "n")]
    [InlineData("""{"n":"1"}""", "n")]
    [InlineData("""{"best_of":0}""", "best_of")]
    [InlineData("""{"messages":{}}""", "messages")]
    [InlineData("""{"messages":null}""", "messages")]
    public void A_value_the_field_cannot_have_is_refused_by_name(string body, string? param) =>
        Assert.Equal(param, Refused(body).Param);

    [Theory]
    [InlineData("""{"stream":null}""", false)]
    [InlineData("""{"stream":false}""", false)]
    [InlineData("""{"stream":true}""", true)]
    [InlineData("""{"stream":true,"stream":false}""", false)]
    public void Stream_is_false_unless_it_says_true(string body, bool stream) => Assert.Equal(stream, Scan(body).Stream);

    [Theory]
    [InlineData("""{"stream_options":{"x":{"include_usage":true}}}""", null)]
    [InlineData("""{"stream_options":{"include_usage":null}}""", null)]
    [InlineData("""{"stream_options":{"x":[1],"include_usage":false}}""", false)]
    [InlineData("""{"include_usage":true}""", null)]
    public void Include_usage_is_read_from_the_top_of_stream_options(string body, bool? expected) =>
        Assert.Equal(expected, Scan(body).IncludeUsage);

    [Fact]
    public void A_null_stream_options_is_found_but_is_not_an_object()
    {
        const string Body = """{"stream_options":{"include_usage":true},"stream_options": null }""";

        var scan = Scan(Body);

        Assert.Null(scan.StreamOptions);
        Assert.Null(scan.IncludeUsage);
        Assert.Equal("null", Text(Body, scan.NullStreamOptions));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("\uFEFF", "empty")]
    [InlineData("  ", "ends at byte 2")]
    [InlineData("[]", "object")]
    [InlineData("\"text\"", "object")]
    [InlineData("null", "object")]
    [InlineData("{\"a\":1}\n}", "after its JSON object, at byte 8")]
    [InlineData("{\"a\":1}{}", "after its JSON object, at byte 7")]
    [InlineData("{\"a\":\n\n1,secret}", "not valid JSON at byte 9")]
    [InlineData("{\"a\":1,}", "not valid JSON at byte 7")]
    [InlineData("{/*secret*/}", "not valid JSON at byte 1")]
    [InlineData("{\"a\":\"secret", "ends at byte 12")]
    public void A_body_that_is_no_json_object_is_refused_with_the_place_and_without_its_text(string body, string expected)
    {
        var problem = Refused(body);

        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem.Message, StringComparison.Ordinal);
        Assert.Null(problem.Param);
    }

    [Fact]
    public void A_byte_order_mark_is_skipped_and_counted_in_offsets()
    {
        const string Body = "\uFEFF{\"model\":\"m\"}";

        var scan = Scan(Body);

        Assert.Equal("\"m\"", Text(Body, scan.ModelRange));
        Assert.Equal(4, scan.InsertOffset);
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        Assert.Null(Scan($$"""{"x":{{new string('[', 511)}}{{new string(']', 511)}}}""").Model);
        Assert.EndsWith("nested deeper than 512 levels at byte 516.", Refused($$"""{"x":{{new string('[', 512)}}{{new string(']', 512)}}}""").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_utf8_is_refused_at_its_place()
    {
        byte[] body = [.. "{\"x\":\""u8, .. Enumerable.Repeat((byte)'a', 5_000), 0xFF, .. "\"}"u8];

        Assert.False(RequestScanner.TryScan(body, out _, out var problem));
        Assert.Equal("The request body is not valid UTF-8 at byte 5006.", problem.Message);
    }

    [Fact]
    public void A_scan_allocates_only_the_name_of_the_model()
    {
        var body = """{"model":"m","stream":true,"stream_options":{},"max_tokens":5,"messages":[{"role":"user","content":"Hello"}]}"""u8.ToArray();
        RequestScanner.TryScan(body, out _, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 100; i++)
        {
            RequestScanner.TryScan(body, out _, out _);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 * 32);
    }

    /// <summary>In other operations, a field of this name belongs to the provider.</summary>
    [Theory]
    [InlineData("""{"max_output_tokens":"inf"}""", "max_output_tokens", "Responses")]
    [InlineData("""{"max_output_tokens":{"x":1}}""", "max_output_tokens", "Responses")]
    [InlineData("""{"max_tokens":"auto"}""", "max_tokens", "Chat Completions")]
    [InlineData("""{"max_tokens":-1}""", "max_tokens", "Chat Completions")]
    [InlineData("""{"max_completion_tokens":0.5}""", "max_completion_tokens", "Chat")]
    [InlineData("""{"n":"many"}""", "n", "Chat Completions")]
    [InlineData("""{"n":[1,2]}""", "n", "Chat Completions")]
    [InlineData("""{"best_of":0}""", "best_of", "Completions")]
    [InlineData("""{"stream":"yes"}""", "stream", "Chat Completions Responses")]
    [InlineData("""{"stream":{"format":[true]}}""", "stream", "Chat Completions Responses")]
    [InlineData("""{"stream_options":[1]}""", "stream_options", "Chat Completions Responses")]
    [InlineData("""{"stream_options":{"include_usage":"yes"}}""", "stream_options.include_usage", "Chat Completions Responses")]
    [InlineData("""{"messages":"text"}""", "messages", "Chat")]
    [InlineData("""{"model":7}""", "model", "Chat Completions Responses Embeddings Images Audio Moderations")]
    [InlineData("""{"model":{"id":"m","more":[1]}}""", "model", "Chat Completions Responses Embeddings Images Audio Moderations")]
    [InlineData("""{"model":""}""", "model", "Chat Completions Responses Embeddings Images Audio Moderations")]
    [InlineData("""{"MODEL":"m"}""", "model", "Chat Completions Responses Embeddings Images Audio Moderations")]
    public void Only_fields_of_operations_that_are_known_to_have_them_are_checked(string body, string param, string operations)
    {
        var bytes = Encoding.UTF8.GetBytes(body[..^1] + ""","end":true}""");
        foreach (var operation in Enum.GetValues<Operation>())
        {
            var isRead = RequestScanner.TryScan(bytes, operation, out var scan, out var problem);

            Assert.Equal(operations.Split(' ').Contains(operation.ToString()) ? param : null, problem.Param);
            Assert.Equal(problem.Param is null, isRead);
            Assert.Null(scan.Model);
            Assert.Null(scan.OutputBound);
        }

        Assert.Equal(param, Refused(body).Param);
    }

    internal static RequestScan Scan(string body)
    {
        Assert.True(RequestScanner.TryScan(Encoding.UTF8.GetBytes(body), out var scan, out var problem), problem.Message);
        return scan;
    }

    internal static RequestProblem Refused(string body)
    {
        Assert.False(RequestScanner.TryScan(Encoding.UTF8.GetBytes(body), out _, out var problem));
        return problem;
    }

    internal static string Text(string body, ByteRange? range) =>
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(body).AsSpan(range!.Value.Start, range.Value.Length));
}
