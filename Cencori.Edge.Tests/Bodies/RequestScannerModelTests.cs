using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Endpoints;
using static Cencori.Edge.Tests.Bodies.RequestScannerTests;

namespace Cencori.Edge.Tests.Bodies;

/// <summary>The model that a body names.</summary>
public class RequestScannerModelTests
{
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
    public void Escapes_in_names_and_values_are_resolved(string body, string? model) =>
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
    public void A_model_repeated_too_often_is_refused()
    {
        Assert.Equal("16", Scan($"{{{Repeated(16)}}}").Model);
        Assert.Equal("model", Refused($"{{{Repeated(17)}}}").Param);

        static string Repeated(int times) => string.Join(',', Enumerable.Range(1, times).Select(i => $"\"model\":\"{i}\""));
    }

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
    public void A_body_that_names_other_models_is_noticed(string body, bool expected)
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

    [Fact]
    public void A_repeated_model_with_a_value_that_is_not_a_string_is_refused()
    {
        Assert.False(RequestScanner.TryScan("""{"model":{"id":"a"},"model":"b"}"""u8, Operation.Other, out _, out var problem));
        Assert.Equal("model", problem.Param);
    }
}
