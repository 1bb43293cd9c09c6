using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Tests.Infrastructure;
using System.Text;
using System.Text.Json;
using Cencori.Edge.Bodies;
using CsCheck;

namespace Cencori.Edge.Tests.Bodies;

/// <summary>Compares the scanner with a full parser, on generated documents.</summary>
public class RequestScannerProperties
{
    // All other fields count as input, because the model may read them.
    private static readonly string[] ReadByNoModel =
        ["model", "stream", "stream_options", "max_tokens", "max_completion_tokens", "n", "user", "metadata", "service_tier", "prompt_cache_key", "safety_identifier", "encoding_format"];

    [Fact]
    public void A_scan_says_what_a_parser_says() => SomeJson.Request.Sample(json =>
    {
        var body = Encoding.UTF8.GetBytes(json);
        Assert.True(RequestScanner.TryScan(body, out var scan, out var problem), problem.Message);
        using var document = SomeJson.Parse(body);
        var root = document.RootElement;

        Assert.Equal(Last(root, "model")?.GetString(), scan.Model);
        Assert.Equal(Last(root, "stream") is { ValueKind: JsonValueKind.True }, scan.Stream);
        Assert.Equal(Largest(root, "max_completion_tokens", "max_tokens"), scan.OutputBound);
        Assert.Equal(Largest(root, "n") ?? 1, scan.Choices);
        Assert.Equal(Last(root, "messages") is not null, scan.HasMessages);
        Assert.Equal(!root.EnumerateObject().Any(), scan.IsEmptyObject);
        Assert.Equal(ObjectOrNull(Last(root, "stream_options"))?.GetRawText(), Text(body, scan.StreamOptions));
        Assert.Equal(
            ObjectOrNull(Last(root, "stream_options")) is { } options && Last(options, "include_usage") is { ValueKind: not JsonValueKind.Null } usage
                ? usage.GetBoolean()
                : null,
            scan.IncludeUsage);
        Assert.Equal(
            root.EnumerateObject().Where(property => property.NameEquals("model")).Select(property => property.Value.GetRawText()),
            (scan.EarlierModelRanges ?? []).Select(range => Text(body, range)!).Concat(scan.ModelRange is { } last ? [Text(body, last)!] : []));
        Assert.Equal(
            root.EnumerateObject().Where(property => !ReadByNoModel.Contains(property.Name)).Sum(property => TextBytes(property.Value, "", property.Name, false)),
            scan.InputTextBytes);
    });

    [Fact]
    [Trait(SlowestTests.Trait, "Each generated document is read once for each of its bytes.")]
    public void No_truncation_of_a_document_is_accepted() => SomeJson.Request.Sample(json =>
    {
        var body = Encoding.UTF8.GetBytes(json);
        for (var length = 0; length < body.Length; length++)
        {
            Assert.False(RequestScanner.TryScan(body.AsSpan(0, length), out _, out var problem));
            Assert.NotEmpty(problem.Message);
        }
    }, iter: 30);

    [Fact]
    public void A_strict_parser_accepts_everything_that_the_scanner_accepts_and_nothing_throws() =>
        Gen.Select(SomeJson.Request, Gen.Int[0, 10_000], Gen.Byte).Sample((json, place, value) =>
        {
            var body = Encoding.UTF8.GetBytes(json);
            body[place % body.Length] = value;
            if (RequestScanner.TryScan(body, out _, out _))
            {
                using var document = SomeJson.Parse(body);
                Assert.Equal(JsonValueKind.Object, document.RootElement.ValueKind);
            }
        });

    [Fact]
    public void Random_bytes_never_cause_an_exception() => Gen.OneOf(
        Gen.Byte.Array[0, 200],
        Gen.OneOfConst<byte>([.. "{}[]\":,\\u0dD8 model\n1e-\uFEFF"u8]).Array[0, 200]).Sample(bytes =>
        {
            byte[] body = [(byte)'{', .. bytes];
            if (!RequestScanner.TryScan(body, out _, out var problem))
            {
                Assert.NotEmpty(problem.Message);
            }
        });

    [Fact]
    public void A_spliced_body_differs_in_its_model_only() =>
        Gen.Select(SomeJson.Request, Gen.OneOfConst("m", "gpt-4o-2024-08-06", "é\"\\漢😀", new string('x', 200))).Sample((json, model) =>
        {
            var original = Encoding.UTF8.GetBytes(json);
            Assert.True(RequestScanner.TryScan(original, out var scan, out _));

            var spliced = Apply(original, scan.Splices(original, model, includesUsage: false));

            Assert.True(RequestScanner.TryScan(spliced, out var rescanned, out var problem), problem.Message);
            Assert.Equal(model, rescanned.Model);
            Assert.Equal(Outside(original, scan), scan.ModelRange is null ? WithoutInsertion(spliced, original.Length, scan) : Outside(spliced, rescanned));

            using var before = SomeJson.Parse(original);
            using var after = SomeJson.Parse(spliced);
            Assert.Equal(Others(before, "model"), Others(after, "model"));
            Assert.All(after.RootElement.EnumerateObject().Where(property => property.NameEquals("model")), property => Assert.Equal(model, property.Value.GetString()));
        });

    [Fact]
    public void A_body_changed_to_ask_for_usage_differs_only_in_that() =>
        Gen.Select(SomeJson.Request, Gen.OneOfConst(null, "m", new string('x', 200))).Sample((json, model) =>
        {
            var original = Encoding.UTF8.GetBytes(json);
            Assert.True(RequestScanner.TryScan(original, out var scan, out _));
            if (scan.IsEmptyObject || scan.IncludeUsage == true)
            {
                return;
            }

            var spliced = Apply(original, scan.Splices(original, model, includesUsage: true));

            Assert.True(RequestScanner.TryScan(spliced, out var rescanned, out var problem), problem.Message);
            Assert.Equal((model ?? scan.Model, true), (rescanned.Model, rescanned.IncludeUsage));
            using var before = SomeJson.Parse(original);
            using var after = SomeJson.Parse(spliced);
            Assert.Equal(Others(before, "model", "stream_options"), Others(after, "model", "stream_options"));
            Assert.Equal(OtherOptions(before), OtherOptions(after));
        });

    [Fact]
    public void An_inserted_property_leaves_the_rest_as_it_was() => SomeJson.Request.Sample(json =>
    {
        var original = Encoding.UTF8.GetBytes(json);
        Assert.True(RequestScanner.TryScan(original, out var scan, out _));

        var spliced = Apply(original, scan.Insert([.. "\"inserted\":true"u8]));

        Assert.True(RequestScanner.TryScan(spliced, out _, out var problem), problem.Message);
        Assert.Equal(original, WithoutInsertion(spliced, original.Length, scan));
    });

    // Written twice, as when the HTTP client resends a request.
    private static byte[] Apply(byte[] original, params Splice[] splices)
    {
        using var body = PooledBodyTests.ReadAsync(original).GetAwaiter().GetResult();
        using var content = new SplicedContent(body, splices);
        var (first, second) = (new MemoryStream(), new MemoryStream());
        content.CopyToAsync(first).GetAwaiter().GetResult();
        content.CopyToAsync(second).GetAwaiter().GetResult();
        Assert.Equal(first.ToArray(), second.ToArray());
        Assert.Equal(first.Length, content.Headers.ContentLength);
        return first.ToArray();
    }

    private static IEnumerable<(string Name, string Value)> Others(JsonDocument request, params string[] names) =>
        request.RootElement.EnumerateObject().Where(property => !names.Contains(property.Name)).Select(property => (property.Name, property.Value.GetRawText()));

    private static IEnumerable<(string Name, string Value)> OtherOptions(JsonDocument request) =>
        ObjectOrNull(Last(request.RootElement, "stream_options"))?.EnumerateObject()
            .Where(option => option.Name != "include_usage").Select(option => (option.Name, option.Value.GetRawText())) ?? [];

    private static JsonElement? Last(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value : null;

    private static JsonElement? ObjectOrNull(JsonElement? element) => element is { ValueKind: JsonValueKind.Object } ? element : null;

    private static long? Largest(JsonElement root, params string[] names) => root.EnumerateObject()
        .Where(property => names.Contains(property.Name) && property.Value.ValueKind == JsonValueKind.Number)
        .Max(property => property.Value.TryGetInt64(out var whole) ? whole : (long?)property.Value.GetDouble());

    private static string? Text(byte[] body, ByteRange? range) => range is { } some ? Encoding.UTF8.GetString(body, some.Start, some.Length) : null;

    private static long TextBytes(JsonElement value, string rawName, string field, bool inArray) => value.ValueKind switch
    {
        JsonValueKind.String when field != "tools" && rawName is "url" or "image_url" or "file_data" or "data"
            && value.GetRawText().StartsWith("\"data:", StringComparison.Ordinal) =>
            RequestScan.MediaPartBytes,
        JsonValueKind.String => Encoding.UTF8.GetByteCount(value.GetRawText()) - 2,
        JsonValueKind.Number when field == "input" && inArray => 4,
        JsonValueKind.Array => value.EnumerateArray().Sum(item => TextBytes(item, "", field, true)),
        JsonValueKind.Object => value.EnumerateObject().Sum(property =>
            Encoding.UTF8.GetByteCount(RawName(property)) + TextBytes(property.Value, RawName(property), field, false)),
        _ => 0,
    };

    // The scanner compares nested names in their raw spelling.
    private static string RawName(JsonProperty property) => property.ToString().Split('"')[1];

    private static byte[] Outside(ReadOnlySpan<byte> body, RequestScan scan)
    {
        List<byte> outside = [.. body];
        foreach (var range in (scan.EarlierModelRanges ?? []).Append(scan.ModelRange ?? default).Reverse())
        {
            outside.RemoveRange(range.Start, range.Length);
        }

        return [.. outside];
    }

    private static byte[] WithoutInsertion(ReadOnlySpan<byte> body, int originalLength, RequestScan scan) =>
        [.. body[..scan.InsertOffset], .. body[(scan.InsertOffset + body.Length - originalLength)..]];
}
