using System.Text;
using System.Text.Json;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Models;
using CsCheck;

namespace Cencori.Edge.Tests.Bodies;

/// <summary>Compares the needs and labels found by the scan with a full parser, on generated documents.</summary>
public class RequestNeedsProperties
{
    private const NotedFields Noting = NotedFields.Needs | NotedFields.Labels | NotedFields.Prefix;

    private static readonly string[] Names = ["a", "b"];

    [Fact]
    public void A_scan_says_what_a_parser_says() => SomeJson.RoutedRequest.Sample(json =>
    {
        var body = Encoding.UTF8.GetBytes(json);
        Assert.True(RequestScanner.TryScan(body, Operation.Other, Noting, out var scan, out var problem), problem.Message);
        using var document = SomeJson.Parse(body);
        var root = document.RootElement;

        Assert.Equal(root.EnumerateObject().Aggregate(ModelAbilities.None, (asks, property) => asks | Asked(property)), scan.RequiredAbilities);
        Assert.Equal(String(Last(root, "user")), scan.Labels?.User);
        Assert.Equal(String(Last(root, "prompt_cache_key")), scan.Labels?.PromptCacheKey);
        var metadata = Last(root, "metadata");
        Assert.All(Names, name => Assert.Equal(metadata is { ValueKind: JsonValueKind.Object } some ? String(Last(some, name)) : null, scan.Labels?.Metadata(name)));
    }, iter: 500);

    /// <summary>A scan that does not note needs, labels and prefix finds none of them. All its other results stay the same.</summary>
    [Fact]
    public void Nothing_else_of_the_scan_changes() => SomeJson.RoutedRequest.Sample(json =>
    {
        var body = Encoding.UTF8.GetBytes(json);
        Assert.True(RequestScanner.TryScan(body, Operation.Other, NotedFields.None, out var plain, out _));
        Assert.True(RequestScanner.TryScan(body, Operation.Other, Noting, out var noted, out _));

        Assert.Equal((ModelAbilities.None, null, 0ul), (plain.RequiredAbilities, plain.Labels, plain.PromptPrefix));
        Assert.Equal(plain, noted with { RequiredAbilities = ModelAbilities.None, Labels = null, PromptPrefix = 0, EarlierModelRanges = plain.EarlierModelRanges });
    });

    /// <summary>Later turns of a conversation do not change its prefix.</summary>
    [Fact]
    public void More_messages_do_not_change_the_prefix() => Gen.Select(SomeJson.Value.Array[0, 3], SomeJson.Value.Array[0, 3]).Sample((before, after) =>
    {
        var first = before.Select(content => $$"""{"role":"system","content":{{content}}},""");
        var later = after.Select(content => $$""",{"role":"user","content":{{content}}}""");
        var start = $$"""{"messages":[{{string.Concat(first)}}{"content":"me","role":"user"}""";

        Assert.Equal(Prefix(start + "]}"), Prefix(start + string.Concat(later) + "]}"));
        if (Encoding.UTF8.GetByteCount(start) > 4_096)
        {
            return;
        }

        Assert.NotEqual(Prefix(start + "]}"), Prefix(start.Replace("\"me\"", "\"you\"", StringComparison.Ordinal) + "]}"));
    });

    private static ulong Prefix(string json) =>
        RequestScanner.TryScan(Encoding.UTF8.GetBytes(json), Operation.Other, Noting, out var scan, out var problem) ? scan.PromptPrefix : throw new InvalidDataException(problem.Message);

    private static ModelAbilities Asked(JsonProperty property)
    {
        var value = property.Value;
        return property.Name switch
        {
            "tools" or "functions" when value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 => ModelAbilities.Tools,
            "messages" or "input" => OfList(value),
            "response_format" => OfFormat(value),
            "text" => Members(value, "format").Aggregate(ModelAbilities.None, (asks, format) => asks | OfFormat(format)),
            "modalities" when value.ValueKind == JsonValueKind.Array && value.EnumerateArray().Any(item => String(item) == "audio") => ModelAbilities.Audio,
            "audio" when value.ValueKind == JsonValueKind.Object => ModelAbilities.Audio,
            _ => ModelAbilities.None,
        };
    }

    private static ModelAbilities OfFormat(JsonElement format) => Members(format, "type").Any(type => String(type) == "json_schema") ? ModelAbilities.JsonSchema : ModelAbilities.None;

    private static ModelAbilities OfList(JsonElement list)
    {
        var asks = ModelAbilities.None;
        foreach (var item in list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().ToArray() : [])
        {
            asks |= Members(item, "type").Any(type => String(type) is "image" or "image_url" or "input_image") ? ModelAbilities.Images : ModelAbilities.None;
            asks |= Members(item, "type").Any(type => String(type) == "input_audio") ? ModelAbilities.Audio : ModelAbilities.None;
            asks = Members(item, "content").Concat(Members(item, "output")).Aggregate(asks, (all, inner) => all | OfList(inner));
        }

        return asks;
    }

    private static IEnumerable<JsonElement> Members(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object ? element.EnumerateObject().Where(member => member.NameEquals(name)).Select(member => member.Value) : [];

    private static JsonElement? Last(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value : null;

    private static string? String(JsonElement? element) => element is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
