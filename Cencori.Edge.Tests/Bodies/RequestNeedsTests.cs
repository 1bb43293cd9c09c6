using System.Text;
using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Models;

namespace Cencori.Edge.Tests.Bodies;

/// <summary>The properties of a request that routing uses.</summary>
public class RequestNeedsTests
{
    private const NotedFields All = NotedFields.Needs | NotedFields.Labels | NotedFields.Prefix;

    [Theory]
    [InlineData(ModelAbilities.None, """{"messages":[{"role":"user","content":"image_url"}],"tools":[],"functions":null,"audio":null,"modalities":["text"],"response_format":{"type":"json_object"},"text":{"format":{"type":"text"}}}""")]
    [InlineData(ModelAbilities.Tools, """{"tools":[{"type":"function"}]}""")]
    [InlineData(ModelAbilities.Tools, """{"tools":[{}],"tools":[]}""")]
    [InlineData(ModelAbilities.Tools, """{"functions":[{"name":"f"}]}""")]
    [InlineData(ModelAbilities.None, """{"tools":{"a":["b"]},"tools":"x","x":{"tools":[1]}}""")]
    [InlineData(ModelAbilities.Images, """{"messages":[{"role":"user","content":[{"type":"text"},{"type":"image_url","image_url":{"url":"u"}}]}]}""")]
    [InlineData(ModelAbilities.Images, """{"messages":[{"c\u006fntent":[{"typ\u0065":"im\u0061ge_url"}]}]}""")]
    [InlineData(ModelAbilities.Images, """{"messages":[{"content":[{"type":"tool_result","content":[{"type":"image"}]},{"type":"text"}]}]}""")]
    [InlineData(ModelAbilities.Images, """{"input":[{"role":"user","content":[{"type":"input_text"},{"type":"input_image"}]}]}""")]
    [InlineData(ModelAbilities.Images, """{"input":[{"type":"function_call_output","output":[{"type":"input_image"}]}]}""")]
    [InlineData(ModelAbilities.Images, """{"input":[{"type":"input_image"}]}""")]
    [InlineData(ModelAbilities.None, """{"messages":[{"content":[{"type":"tool_use","input":{"type":"image","content":[{"type":"image"}]}}]},{"content":{"type":"image"}},[{"type":"image"}]]}""")]
    [InlineData(ModelAbilities.None, """{"messages":[{"content":[{"type":["image"]},{"type":{"type":"image"}},{"a":"image","type":"x"}],"type":null}],"input":{"type":"image"},"prompt":[{"type":"image"}]}""")]
    [InlineData(ModelAbilities.Audio, """{"messages":[{"content":[{"type":"input_audio"}]}]}""")]
    [InlineData(ModelAbilities.Audio, """{"modalities":["text","\u0061udio"]}""")]
    [InlineData(ModelAbilities.Audio, """{"audio":{}}""")]
    [InlineData(ModelAbilities.None, """{"audio":"yes","modalities":"audio","modalities":{"a":"audio"},"modalities":[["audio"]]}""")]
    [InlineData(ModelAbilities.JsonSchema, """{"response_format":{"json_schema":{"type":"object"},"type":"json_schema"}}""")]
    [InlineData(ModelAbilities.JsonSchema, """{"text":{"verbosity":"low","format":{"type":"json_schema"}}}""")]
    [InlineData(ModelAbilities.None, """{"response_format":{"schema":{"type":"json_schema"}},"text":{"type":"json_schema","other":{"type":"json_schema"}},"response_format":[{"type":"json_schema"}]}""")]
    [InlineData(ModelAbilities.None, """{"text":{"format":"x","other":{"type":"json_schema"}}}""")]
    [InlineData(ModelAbilities.Tools | ModelAbilities.Images | ModelAbilities.Audio | ModelAbilities.JsonSchema,
        """{"audio":{"voice":"a"},"response_format":{"type":"json_schema"},"messages":[{"content":[{"type":"image_url"}]}],"tools":[0]}""")]
    public void The_model_abilities_that_a_request_needs_are_found(ModelAbilities expected, string body)
    {
        Assert.Equal(expected, Scan(body).RequiredAbilities);
        Assert.Equal(ModelAbilities.None, Scan(body, NotedFields.Labels | NotedFields.Prefix).RequiredAbilities);
    }

    [Fact]
    public void Native_names_give_the_same_needs_and_labels()
    {
        var scan = Scan("""{"userId":"u","responseFormat":{"type":"json_schema"}}""", All | NotedFields.NativeNames);

        Assert.Equal(("u", ModelAbilities.JsonSchema), (scan.Labels?.User, scan.RequiredAbilities));
    }

    [Theory]
    [InlineData("""{"user":"\u0061da","metadata":{"t\u0069er":"fr\u0065e","n":1,"o":{"tier":"x"},"":"é😀"},"prompt_cache_key":"k"}""", "ada", "k", "free")]
    [InlineData("""{"user":"a","user":"b","metadata":{"tier":"a","tier":"b"},"prompt_cache_key":null}""", "b", null, "b")]
    [InlineData("""{"user":"a","user":7,"metadata":{"tier":"a"},"metadata":{}}""", null, null, null)]
    [InlineData("""{"user":{"user":"x"},"metadata":["tier"],"prompt_cache_key":["k"],"x":{"user":"x"}}""", null, null, null)]
    [InlineData("""{"user":"\ud83d","metadata":{"cut":"\ud83d","\ud83d":"x","tier":"free"},"safety_identifier":"s"}""", null, null, "free")]
    [InlineData("""{"metadata":{"tier":"a","tier":"\ud83d"}}""", null, null, null)]
    public void Labels_are_read_as_a_JSON_parser_reads_them(string body, string? user, string? cacheKey, string? tier)
    {
        var labels = Scan(body).Labels;
        Assert.Equal((user, cacheKey, tier), (labels?.User, labels?.PromptCacheKey, labels?.Metadata("tier")));
        Assert.Null(Scan(body, NotedFields.Needs | NotedFields.Prefix).Labels);
    }

    [Fact]
    public void Labels_are_bounded()
    {
        string Named(int count, int length) =>
            $$"""{"user":"{{new string('u', length)}}","metadata":{ {{string.Join(',', Enumerable.Range(0, count).Select(i => $"\"m{i}\":\"{new string('é', length)}\""))}} } }""";

        Assert.Equal((1_024, 1_024), (Scan(Named(64, 1_024)).Labels?.User?.Length, Scan(Named(64, 1_024)).Labels?.Metadata("m63")?.Length));
        Assert.Equal((null, null), (Scan(Named(1, 1_025)).Labels?.User, Scan(Named(1, 1_025)).Labels?.Metadata("m0")));
        Assert.Null(Scan(Named(65, 1)).Labels?.Metadata("m0"));
        Assert.Equal("v", Scan(Named(65, 1)[..^1] + ""","metadata":{"m0":"v"}}""").Labels?.Metadata("m0"));
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"system","content":"s"},{"role":"user","content":"one"}""", """,{"role":"assistant","content":"a"},{"role":"user","content":"two"}""", """],"tools":[{"type":"function"}]}""")]
    [InlineData("""{"tools":[1],"messages":[{"content":[{"type":"text","text":"one"}],"rol\u0065":"user"}""", """,{"role":"user","content":"two"}""", """]}""")]
    [InlineData("""{"input":[{"type":"message","role":"user","content":"one"}""", """,{"type":"reasoning","id":"r"},{"role":"user","content":"two"}""", """],"instructions":"i"}""")]
    [InlineData("""{"system":"s","messages":[{"role":"user","content":"{{long}}"}""", """,{"role":"assistant","content":"a"}""", """]}""")]
    [InlineData("""{"messages":[{"role":"system","content":"{{long}}"}""", """,{"role":"user","content":"two"}""", """],"tools":[1]}""")]
    public void All_turns_of_a_conversation_have_the_same_prefix_and_others_do_not(string first, string later, string end)
    {
        first = first.Replace("{{long}}", new string('x', 5_000), StringComparison.Ordinal);
        var turn = Scan(first + end).PromptPrefix;

        Assert.NotEqual(0ul, turn);
        Assert.Equal(turn, Scan(first + later + end).PromptPrefix);
        Assert.Equal(turn, Scan($$"""{"model":"other","temperature":1,"max_tokens":7,{{(first + later + end)[1..]}}""").PromptPrefix);
        Assert.NotEqual(turn, Scan(first.Replace("one", "eins", StringComparison.Ordinal).Replace("xxx", "yyy", StringComparison.Ordinal) + end).PromptPrefix);
        Assert.Equal(0ul, Scan(first + end, NotedFields.Needs | NotedFields.Labels).PromptPrefix);
    }

    [Fact]
    public void Only_the_first_4_KiB_count_for_the_prefix()
    {
        string Body(int length, string end) => $$"""{"system":"{{new string('x', length)}}{{end}}","messages":[{"role":"user","content":"m"}]}""";

        Assert.Equal(Scan(Body(4_095, "a")).PromptPrefix, Scan(Body(4_095, "b")).PromptPrefix);
        Assert.NotEqual(Scan(Body(4_094, "a")).PromptPrefix, Scan(Body(4_094, "b")).PromptPrefix);
    }

    [Theory]
    [InlineData("""{"model":"m","temperature":1}""", true)]
    [InlineData("""{"messages":[]}""", false)]
    [InlineData("""{"input":"text"}""", false)]
    public void A_body_without_a_prompt_has_no_prefix(string body, bool isNone) => Assert.Equal(isNone, Scan(body).PromptPrefix == 0);

    [Theory]
    [InlineData("""{"previous_response_id":"resp_\u0031","conversation":{"x":{"id":"no"},"id":"conv_1"},"input_file_id":"file-1","training_file":"file-2","validation_file":"file-3"}""", "resp_1 conv_1 file-1 file-2 file-3")]
    [InlineData("""{"previous_\u0072esponse_id":"a","previous_response_id":"b","conversation":"c"}""", "a b c")]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"input_file","file_id":"file-1"},{"type":"input_image","file_id":"file-2"},{"type":"input_text","text":"file_id"}]}]}""", "file-1 file-2")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]}],"tools":[{"type":"file_search","vector_store_ids":["vs_1","vs_2"],"filters":["x"]}],"previous_response_id":"r"}""", "r file-1 vs_1 vs_2")]
    [InlineData("""{"tools":[{"type":"code_interpreter","container":{"type":"auto","file_ids":["file-1"],"x":["y"]}},{"type":"function","function":{"parameters":{"properties":{"file_id":{"type":"string"},"file_ids":{"type":"array","items":{"type":"string"}}}}}}]}""", "file-1")]
    [InlineData("""{"input":[{"file_id":null},{"file_id":""},{"file_id":["a",{"b":"c"},"d"]},{"file_id":"a\u0062"},{"file_id":"ä"},{"file_id":"e"},{"file_id":"e"}]}""", "a e")]
    [InlineData("""{"previous_response_id":null,"conversation":["x"],"input_file_id":7,"metadata":{"previous_response_id":"x"},"messages":[{"conversation":"x"}]}""", "")]
    public void Ids_of_stored_objects_are_found(string body, string expected)
    {
        Assert.Equal(expected, string.Join(' ', Scan(body, NotedFields.Stored).StoredIds ?? []));
        Assert.Null(Scan(body).StoredIds);
    }

    [Fact]
    public void The_number_and_length_of_stored_ids_are_bounded()
    {
        string Named(int count, int length) => $"{{{string.Join(',', Enumerable.Repeat($"\"conversation\":\"{new string('c', length)}\"", count))}}}";

        Assert.Equal(8, Scan(Named(8, 1), NotedFields.Stored).StoredIds!.Count);
        Assert.False(RequestScanner.TryScan(Encoding.UTF8.GetBytes(Named(9, 1)), Operation.Responses, NotedFields.Stored, out _, out _));
        Assert.Null(Scan(Named(9, 2_000), NotedFields.Stored).StoredIds);

        // A request may name many files, and is not refused for that.
        var files = string.Join(',', Enumerable.Range(0, 100).Select(number => $$"""{"type":"input_file","file_id":"file-{{number}}"}"""));
        Assert.Equal(9, Scan($$"""{"input":[{{files}}],"conversation":"c","tools":[{"vector_store_ids":["vs_1"]}]}""", NotedFields.Stored).StoredIds!.Count);
    }

    [Fact]
    public async Task Content_of_a_JSON_body_has_needs_and_labels_and_other_content_has_none()
    {
        using var content = await NativeNamesTests.ReadAsync("""{"user":"u","messages":[{"role":"user","content":"m"}],"tools":[1]}""", Operation.Chat, All);
        using var nothing = RequestContent.PassThrough();

        Assert.Equal((ModelAbilities.Tools, "u"), (content.RequiredAbilities, content.Labels?.User));
        Assert.NotEqual(0ul, content.PromptPrefix);
        Assert.Equal((ModelAbilities.None, null, 0ul), (nothing.RequiredAbilities, nothing.Labels, nothing.PromptPrefix));
    }

    [Fact]
    public void Needs_and_prefix_of_a_large_body_are_found_without_allocation()
    {
        var body = Encoding.UTF8.GetBytes(
            $$"""{"tools":[{"type":"function"}],"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,{{new string('A', 8_000_000)}}" } }]}]}""");
        var fieldsToNote = NotedFields.Needs | NotedFields.Prefix | NotedFields.Labels;
        RequestScanner.TryScan(body, Operation.Chat, fieldsToNote, out _, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.True(RequestScanner.TryScan(body, Operation.Chat, fieldsToNote, out var scan, out _));

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(ModelAbilities.Tools | ModelAbilities.Images, scan.RequiredAbilities);
    }

    private static RequestScan Scan(string body, NotedFields fieldsToNote = All)
    {
        Assert.True(RequestScanner.TryScan(Encoding.UTF8.GetBytes(body), Operation.Other, fieldsToNote, out var scan, out var problem), problem.Message);
        return scan;
    }
}
