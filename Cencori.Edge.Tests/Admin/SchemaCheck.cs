using System.Text.Json;
using System.Text.Json.Nodes;

namespace Cencori.Edge.Tests.Admin;

/// <summary>Checks JSON against a schema of an OpenAPI document, with the keywords that the edge's document uses.</summary>
internal sealed class SchemaCheck(JsonNode document)
{
    private static readonly string[] Known = ["$ref", "type", "properties", "required", "additionalProperties", "items", "enum", "anyOf", "format", "default", "pattern"];

    /// <summary>Differences from the schema; empty if there are none.</summary>
    public IEnumerable<string> Faults(JsonNode? schema, JsonNode? value, string at = "$")
    {
        if (schema is not JsonObject rules)
        {
            return schema is null || schema.GetValue<bool>() ? [] : [$"{at}: the schema allows no value"];
        }

        if (rules["$ref"] is { } reference)
        {
            return Faults(Follow((string)reference!), value, at);
        }

        // An unknown keyword would not be checked.
        Assert.Empty(rules.Select(rule => rule.Key).Except(Known));
        if (rules["anyOf"] is JsonArray any)
        {
            return any.Any(one => !Faults(one, value, at).Any()) ? [] : [$"{at}: matches none of the alternatives"];
        }

        return OwnFaults(rules, value, at).Concat(rules["items"] is { } items && value is JsonArray list
            ? list.SelectMany((item, index) => Faults(items, item, $"{at}[{index}]"))
            : []);
    }

    private IEnumerable<string> OwnFaults(JsonObject rules, JsonNode? value, string at)
    {
        var type = rules["type"] switch { JsonArray many => many.Select(one => (string)one!).ToArray(), { } one => [(string)one!], null => [] };
        if (type.Length > 0 && !type.Any(one => Is(one, value)))
        {
            yield return $"{at}: {value?.ToJsonString() ?? "null"} is not {string.Join(" or ", type)}";
        }

        if (rules["enum"] is JsonArray words && !words.Any(word => JsonNode.DeepEquals(word, value)))
        {
            yield return $"{at}: {value?.ToJsonString()} is none of {words.ToJsonString()}";
        }

        if (value is not JsonObject members)
        {
            yield break;
        }

        foreach (var missing in (rules["required"]?.AsArray() ?? []).Select(name => (string)name!).Where(name => !members.ContainsKey(name)))
        {
            yield return $"{at}: {missing} is missing";
        }

        foreach (var (name, member) in members)
        {
            var rule = rules["properties"]?[name];
            foreach (var fault in rule is not null || rules["properties"]?.AsObject().ContainsKey(name) == true ? Faults(rule, member, $"{at}.{name}")
                : rules["additionalProperties"] is { } more ? Faults(more, member, $"{at}.{name}") : [])
            {
                yield return fault;
            }
        }
    }

    private JsonNode? Follow(string reference)
    {
        Assert.StartsWith("#/", reference, StringComparison.Ordinal);
        return reference[2..].Split('/').Aggregate((JsonNode?)document, (node, part) => node is JsonArray list ? list[int.Parse(part, System.Globalization.CultureInfo.InvariantCulture)] : node![part] ?? throw new KeyNotFoundException(reference));
    }

    private static bool Is(string type, JsonNode? value) => (type, value?.GetValueKind() ?? JsonValueKind.Null) switch
    {
        ("null", JsonValueKind.Null) or ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String)
            or ("boolean", JsonValueKind.True or JsonValueKind.False) or ("number", JsonValueKind.Number) => true,
        ("integer", JsonValueKind.Number) => value!.AsValue().TryGetValue<decimal>(out var number) && number == Math.Truncate(number),
        _ => false,
    };
}
