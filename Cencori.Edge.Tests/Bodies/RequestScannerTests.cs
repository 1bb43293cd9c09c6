using System.Text;
using Cencori.Edge.Bodies;
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

    [Fact]
    public void A_model_inside_a_message_is_not_the_model()
    {
        Assert.Null(Scan("""{"messages":[{"model":"decoy"}],"metadata":{"model":"decoy"}}""").Model);
        Assert.Equal("real", Scan("""{"metadata":{"model":"decoy"},"model":"real","x":[{"model":5}]}""").Model);
    }

    [Theory]
    [InlineData("""{"mod\u0065l":"a"}""", "a")]
    [InlineData("""{"\u006d\u006F\u0064\u0065\u006c":"a"}""", "a")]
    [InlineData("""{"model":"\u0061\/b"}""", "a/b")]
    [InlineData("""{"model":null}""", null)]
    public void Escapes_in_names_and_values_are_seen_through(string body, string? model) =>
        Assert.Equal(model, Scan(body).Model);

    [Fact]
    public void Of_a_repeated_model_the_last_wins_and_every_range_is_kept()
    {
        const string Body = """{"model":"first","mod\u0065l":"second","model":"last"}""";

        var scan = Scan(Body);

        Assert.Equal("last", scan.Model);
        Assert.True(scan.HasRepeatedModel);
        Assert.Equal("\"last\"", Text(Body, scan.ModelRange));
        Assert.Equal(["\"first\"", "\"second\""], scan.EarlierModelRanges!.Select(range => Text(Body, range)));
    }

    [Fact]
    public void A_model_repeated_without_end_is_refused()
    {
        Assert.Equal("16", Scan($"{{{Repeated(16)}}}").Model);
        Assert.Equal("model", Refused($"{{{Repeated(17)}}}").Param);

        static string Repeated(int times) => string.Join(',', Enumerable.Range(1, times).Select(i => $"\"model\":\"{i}\""));
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
    [InlineData("""{"model":"a"}""", false)]
    [InlineData("""{"model":"a","models":null}""", false)]
    [InlineData("""{"model":"a","models":[ ]}""", false)]
    [InlineData("""{"model":"a","metadata":{"models":["b"]}}""", false)]
    [InlineData("""{"model":"a","models":["b"]}""", true)]
    [InlineData("""{"model":"a","model\u0073":[["b"],[]]}""", true)]
    [InlineData("""{"model":"a","models":[[]]}""", true)]
    [InlineData("""{"model":"a","models":["b"],"models":[]}""", true)]
    [InlineData("""{"model":"a","models":"b"}""", true)]
    [InlineData("""{"model":"a","models":{"x":["b"]}}""", true)]
    public void Models_beside_the_model_are_told(string body, bool expected)
    {
        var scan = Scan(body[..^1] + ",\"n\":2}");

        Assert.Equal(expected, scan.NamesOtherModels);
        Assert.Equal(2, scan.Choices);
    }

    [Fact]
    public void A_model_may_have_256_characters_and_no_more()
    {
        Assert.Equal(256, Scan($$"""{"model":"{{new string('m', 256)}}"}""").Model!.Length);
        Assert.Equal(256, Scan($$"""{"model":"{{string.Concat(Enumerable.Repeat("\\u006d", 256))}}"}""").Model!.Length);
        Assert.Equal("model", Refused($$"""{"model":"{{new string('m', 257)}}"}""").Param);
        Assert.Equal("model", Refused($$"""{"model":"{{new string('m', 5_000)}}"}""").Param);
    }

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
    public void A_null_for_stream_options_is_found_but_is_no_object()
    {
        const string Body = """{"stream_options":{"include_usage":true},"stream_options": null }""";

        var scan = Scan(Body);

        Assert.Null(scan.StreamOptions);
        Assert.Null(scan.IncludeUsage);
        Assert.Equal("null", Text(Body, scan.NullStreamOptions));
    }

    [Theory]
    [InlineData("""{"max_tokens":1,"max_output_tokens":2,"max_completion_tokens":3}""", 3L)]
    [InlineData("""{"max_tokens":1,"max_output_tokens":2,"max_completion_tokens":null}""", 2L)]
    [InlineData("""{"max_tokens":1}""", 1L)]
    [InlineData("""{"max_tokens":0}""", 0L)]
    [InlineData("""{"max_tokens":1e3}""", 1_000L)]
    [InlineData("""{"max_tokens":100.0}""", 100L)]
    [InlineData("""{"max_tokens":99999999999999999999}""", long.MaxValue)]
    [InlineData("""{"max_tokens":1e400}""", long.MaxValue)]
    [InlineData("""{"max_tokens":null}""", null)]
    [InlineData("""{"max_tokens":5,"max_tokens":7}""", 7L)]
    [InlineData("""{"max_tokens":7,"max_tokens":5}""", 7L)]
    [InlineData("""{"max_completion_tokens":1,"max_tokens":500000}""", 500_000L)]
    [InlineData("""{"max_output_tokens":3,"max_completion_tokens":2,"max_tokens":1}""", 3L)]
    public void The_output_bound_is_the_largest_one(string body, long? bound) => Assert.Equal(bound, Scan(body).OutputBound);

    [Theory]
    [InlineData("""{"n":3,"best_of":2}""", 3)]
    [InlineData("""{"best_of":5,"n":3}""", 5)]
    [InlineData("""{"n":3,"n":1,"best_of":null}""", 3)]
    [InlineData("""{"prompt":"a"}""", 1)]
    [InlineData("""{"prompt":null}""", 1)]
    [InlineData("""{"prompt":[]}""", 1)]
    [InlineData("""{"prompt":[1,2,3]}""", 1)]
    [InlineData("""{"prompt":["a","b","c"]}""", 3)]
    [InlineData("""{"prompt":[[1,2],[3]]}""", 2)]
    [InlineData("""{"prompt":["a",[1,2]],"n":2,"best_of":4}""", 8)]
    [InlineData("""{"prompt":["a","b"],"prompt":"c"}""", 2)]
    [InlineData("""{"prompt":{"id":"p","variables":{"x":"y","z":["a","b"]}}}""", 1)]
    [InlineData("""{"prompt":["a","b"],"n":9223372036854775807}""", long.MaxValue)]
    [InlineData("""{"input":["a","b"],"messages":["a","b"]}""", 1)]
    public void Choices_are_what_is_generated_for_all_prompts(string body, long choices) => Assert.Equal(choices, Scan(body).Choices);

    [Theory]
    [InlineData("""{"messages":[{"content":[{"type":"text","text":"abc"}]}]}""", 7 + 8 + 7)]
    [InlineData("""{"input":"abc","prompt":"de","instructions":"f","system":"gh","tools":[{"x":"i"}],"functions":["j"]}""", 11)]
    [InlineData("""{"tools":[{"properties":{"one":{},"two":{"three":[]}}}]}""", 10 + 3 + 3 + 5)]
    [InlineData("""{"input":["ab","cd"]}""", 4)]
    [InlineData("""{"input":[1,22,333]}""", 12)]
    [InlineData("""{"prompt":[[1,2],[3]]}""", 12)]
    [InlineData("""{"input":[{"width":100}]}""", 5)]
    [InlineData("""{"input":7}""", 0)]
    [InlineData("""{"messages":[1,2,3]}""", 0)]
    [InlineData("""{"messages":["é\n"]}""", 4)]
    [InlineData("""{"messages":["data:AAAA",{"text":"data:AAAA"}]}""", 9 + 4 + 9)]
    [InlineData("""{"messages":[{"url":"https://x/y.png"}]}""", 3 + 15)]
    [InlineData("""{"messages":[{"url":"data:image/png;base64,AAAA"}]}""", 3 + 4_000)]
    [InlineData("""{"messages":[{"image_url":"data:image\/png;base64,A\/A=","file_url":"data:,A","audio_url":"data:,A","video_url":"data:,A"}]}""", (4 * 9) - 1 + (4 * 4_000))]
    [InlineData("""{"messages":[{"file_data":"data:application/pdf;base64,AAAA"}]}""", 9 + 4_000)]
    [InlineData("""{"messages":[{"data":"AAAA","format":"wav"},{"file_data":"A"},{"b64_json":"A"}]}""", 8 + 9 + 10 + 9)]
    [InlineData("""{"messages":[{"data":{"text":"abc"}}]}""", 4 + 4 + 3)]
    [InlineData("""{"user":"somebody","metadata":{"messages":"no"}}""", 0)]
    [InlineData("""{"prompt":"abc","prompt":"de"}""", 5)]
    public void Input_text_is_what_the_model_will_read(string body, long bytes) => Assert.Equal(bytes, Scan(body).InputTextBytes);

    [Theory]
    [InlineData("""{"messages":[{"data":"@"}]}""", false)]
    [InlineData("""{"input":[{"b64_json":"@"}]}""", false)]
    [InlineData("""{"messages":[{"file_data":"data:application/pdf;base64,@"}]}""", false)]
    [InlineData("""{"messages":[{"image_url":{"url":"data:image/png;base64,@"}}]}""", false)]
    [InlineData("""{"messages":[{"content":"@"}]}""", true)]
    [InlineData("""{"messages":[{"content":"data:@"}]}""", true)]
    [InlineData("""{"messages":[{"url":"@"}]}""", true)]
    [InlineData("""{"messages":[{"data":"some text @"}]}""", true)]
    [InlineData("""{"messages":[{"url":"data:some text @"}]}""", true)]
    [InlineData("""{"messages":[{"url":"data:@,A"}]}""", true)]
    [InlineData("""{"messages":[{"@":1}]}""", true)]
    [InlineData("""{"tools":[{"@":1}]}""", true)]
    [InlineData("""{"tools":[{"data":"@"}]}""", true)]
    public void Only_media_have_a_flat_size(string body, bool growsWithItsSize)
    {
        var scan = Scan(body.Replace("@", new string('a', 280_000), StringComparison.Ordinal));

        Assert.InRange(scan.EstimateInputTokens(), growsWithItsSize ? 70_000 : 1_000, growsWithItsSize ? 70_020 : 1_010);
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
    public void A_scan_allocates_the_name_of_the_model_and_nothing_else()
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

    /// <summary>What another operation calls so is the provider's own.</summary>
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

    [Fact]
    public void A_bound_that_is_no_number_bounds_nothing()
    {
        Assert.True(RequestScanner.TryScan("""{"max_tokens":1,"max_output_tokens":"inf"}"""u8, Operation.Other, out var scan, out _));
        Assert.Equal((true, null), (scan.IsUnbounded, scan.OutputBound));
        Assert.False(Scan("""{"max_tokens":1}""").IsUnbounded);
    }

    [Fact]
    public void A_model_that_is_none_may_not_hide_another()
    {
        Assert.False(RequestScanner.TryScan("""{"model":{"id":"a"},"model":"b"}"""u8, Operation.Other, out _, out var problem));
        Assert.Equal("model", problem.Param);
    }

    internal static RequestScan Scan(string body)
    {
        Assert.True(RequestScanner.TryScan(Encoding.UTF8.GetBytes(body), out var scan, out var problem), problem.Message);
        return scan;
    }

    private static RequestProblem Refused(string body)
    {
        Assert.False(RequestScanner.TryScan(Encoding.UTF8.GetBytes(body), out _, out var problem));
        return problem;
    }

    private static string Text(string body, ByteRange? range) =>
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(body).AsSpan(range!.Value.Start, range.Value.Length));
}
