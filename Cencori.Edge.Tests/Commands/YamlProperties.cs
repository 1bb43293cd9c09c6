using System.Text.Json.Nodes;
using Cencori.Edge.Admin.AsCode;
using CsCheck;

namespace Cencori.Edge.Tests.Commands;

/// <summary>Documents survive writing and reading without loss.</summary>
public sealed class YamlProperties
{
    [Fact]
    public void Any_document_in_YAML_is_read_as_it_was_written()
    {
        var text = Gen.OneOf(Gen.String, Gen.OneOfConst("", "true", "null", "~", "1", "-0.5", "1e3", "a: b", "- x", "# x", "a\nb\n", "line\n\n  indented\n", " x ", "${env:A}", "é\u2028\u0085", "\"'", "yes", "{", "0x1f", "2026-01-01"));
        var scalar = Gen.OneOf(text.Where(IsWhole).Select(value => (JsonNode?)JsonValue.Create(value)), Gen.Long.Select(value => (JsonNode?)JsonValue.Create(value)), Gen.Bool.Select(value => (JsonNode?)JsonValue.Create(value)), Gen.Const((JsonNode?)null));
        var list = scalar.Array[0, 4].Select(items => (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())]));
        var members = Gen.Dictionary(text.Where(name => IsWhole(name) && name.Length < 900), Gen.OneOf(scalar, list))[0, 5].Select(pairs => new JsonObject(pairs.Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))));
        members.Sample(document => Assert.Equal(document.ToJsonString(), Document.Parse("#\n" + YamlWriter.Write(document)).Root.ToJsonString()), iter: 2_000);

        static bool IsWhole(string text) => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text)) == text;
    }
}
