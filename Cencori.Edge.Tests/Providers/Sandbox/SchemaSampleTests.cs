using System.Text.Json;
using Cencori.Edge.Providers.Sandbox.Generation;

namespace Cencori.Edge.Tests.Providers.Sandbox;

public sealed class SchemaSampleTests
{
    [Theory]
    [InlineData("""{"properties":{"a":{"type":"string"},"b":{"type":"number"},"c":{"type":"integer"},"d":{"type":"boolean"},"e":{"type":"array"}}}""",
        """{"a":"hi","b":1,"c":1,"d":true,"e":[]}""")]
    [InlineData("""{"properties":{"a":{"type":"string"},"b":{"type":"number"}},"required":["b"]}""", """{"b":1}""")]
    [InlineData("""{"properties":{"a":{"type":"object","properties":{"b":{"type":"object","properties":{"c":{"const":7}}}}}}}""", """{"a":{"b":{"c":7}}}""")]
    [InlineData("""{"properties":{"a":{"enum":["x","y"]},"b":{"type":["null","boolean"]},"c":{"type":"null"}}}""", """{"a":"x","b":true,"c":null}""")]
    [InlineData("""{"properties":{"a":{"anyOf":[{"type":"integer"},{"type":"null"}]}}}""", """{"a":1}""")]
    [InlineData("""{"properties":{"a":{"type":"integer","minimum":5},"b":{"type":"number","maximum":0.5}}}""", """{"a":5,"b":0.5}""")]
    [InlineData("""{"properties":{"a":{"type":"array","minItems":2,"items":{"type":"integer"}}}}""", """{"a":[1,1]}""")]
    [InlineData("""{"$defs":{"p":{"type":"object","properties":{"x":{"type":"integer"}}}},"properties":{"a":{"$ref":"#/$defs/p"}}}""", """{"a":{"x":1}}""")]
    [InlineData("""{"properties":{"a":{"$ref":"#/nowhere"}}}""", """{"a":"hi"}""")]
    [InlineData("""{"required":["unknown",3,"unknown"]}""", """{"unknown":"hi"}""")]
    [InlineData("""{"properties":{"a":true},"type":3}""", """{"a":"hi"}""")]
    [InlineData("""{"properties":{"a":{"type":"string","format":"date-time"},"b":{"type":"string","format":"uuid"},"c":{"type":"string","format":"unknown"}}}""",
        """{"a":"2026-01-01T00:00:00Z","b":"00000000-0000-4000-8000-000000000000","c":"hi"}""")]
    [InlineData("""{"properties":{"a":{"type":"string","minLength":4},"b":{"type":"string","maxLength":1},"c":{"type":"string","minLength":-1,"maxLength":9}}}""", """{"a":"hixx","b":"h","c":"hi"}""")]
    [InlineData("""{"properties":{"a":{"type":"integer","exclusiveMinimum":5},"b":{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1},"c":{"type":"integer","exclusiveMaximum":1}}}""",
        """{"a":6,"b":0.5,"c":0}""")]
    [InlineData("""{"properties":{"a":{"type":"integer","multipleOf":5},"b":{"type":"number","minimum":15,"multipleOf":10},"c":{"type":"integer","minimum":1.5},"d":{"type":"number","multipleOf":5,"maximum":4}}}""",
        """{"a":5,"b":20,"c":2,"d":0}""")]
    [InlineData("""{"properties":{"a":{"type":"number","exclusiveMinimum":79228162514264337593543950335},"b":{"type":"number","multipleOf":0},"c":{"type":"number","multipleOf":1e-28,"minimum":9e27}}}""",
        """{"a":1,"b":1,"c":1}""")]
    [InlineData("[]", "{}")]
    public void The_object_of_a_schema_is_the_simplest_one(string schema, string expected)
    {
        Assert.Equal(expected, SchemaSample.Object(JsonElement.Parse(schema), "hi"));
    }

    [Theory]
    [InlineData("""{"properties":{"a":{"$ref":"#"},"b":{"$ref":"#"},"c":{"$ref":"#"}}}""")]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"properties":{"a":{"anyOf":[{"$ref":"#/properties/a"}]}}}""")]
    [InlineData("""{"properties":{"a":{"type":"array","minItems":2000000000,"items":{"type":"integer"}}}}""")]
    [InlineData("""{"properties":{"a":{"type":"string","minLength":2000000000}}}""")]
    public void An_endless_schema_gives_a_bounded_object(string schema)
    {
        var sample = SchemaSample.Object(JsonElement.Parse(schema), "hi");

        Assert.InRange(sample.Length, 2, 50_000);
        Assert.Equal(JsonValueKind.Object, JsonElement.Parse(sample).ValueKind);
    }

    [Fact]
    public void The_object_is_ASCII_for_any_text()
    {
        var sample = SchemaSample.Object(JsonElement.Parse("""{"properties":{"é":{},"b":{"enum":["🎈"]}}}"""), "ü🎈");

        Assert.All(sample, character => Assert.True(char.IsAscii(character)));
        Assert.Equal("ü🎈", JsonElement.Parse(sample).GetProperty("é").GetString());
        Assert.Equal("🎈", JsonElement.Parse(sample).GetProperty("b").GetString());
    }
}
