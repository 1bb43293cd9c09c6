using System.Text.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Admin.AsCode;

/// <summary>Converts members of a document to the form in which they are stored, so that another form of the same value is not a change.
/// A value of a wrong type stays, so that reading the body reports it.</summary>
internal static class NormalForm
{
    /// <summary>Sets a member that is null to another value.</summary>
    public static void Replace(JsonObject members, string name, JsonNode? of)
    {
        if (members.TryGetPropertyValue(name, out var value) && value is null)
        {
            members[name] = of;
        }
    }

    public static void OfAgent(JsonObject members)
    {
        EmptyToNull(members, "description");
        if (members["config"] is not JsonObject config)
        {
            return;
        }

        EmptyToNull(config, "system_prompt");
        if (config["tools"] is JsonArray tools && tools.All(tool => tool?.GetValueKind() == JsonValueKind.String))
        {
            config["tools"] = new JsonArray([.. tools.Select(tool => (string)tool!).Distinct(StringComparer.Ordinal).Select(tool => (JsonNode)tool)]);
        }

        if (config["memory"] is JsonObject memory)
        {
            memory.TryAdd("limit", AgentMemory.DefaultLimit);
            memory.TryAdd("threshold", null);
            memory.TryAdd("store", false);
        }
    }

    /// <param name="members">The limits in the document.</param>
    /// <param name="stored">The stored limits, for members that the document omits.</param>
    public static void OfLimits(JsonObject members, JsonObject stored) =>
        Replace(members, "burst", (members.TryGetPropertyValue("requests_per_minute", out var rate) ? rate : stored["requests_per_minute"])?.DeepClone());

    private static void EmptyToNull(JsonObject members, string name)
    {
        if (members[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String && string.IsNullOrWhiteSpace(value.GetValue<string>()))
        {
            members[name] = null;
        }
    }
}
