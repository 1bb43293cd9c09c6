using System.Text.Json;

namespace Cencori.Edge.Providers.Sandbox;

internal static class ModelList
{
    // OpenAI's model objects have a creation time. This one is constant, so that every edge returns the same list.
    private const long Created = 1_735_689_600;

    public static bool Contains(string id) => SandboxModel.Listed.Contains(SandboxModel.WithoutPrefix(id));

    public static SandboxError Unknown(string id) =>
        SandboxError.NotFound($"The model '{id}' does not exist", "model", "model_not_found");

    public static void WriteAll(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        foreach (var name in SandboxModel.Listed)
        {
            WriteOne(json, SandboxModel.Prefix + name);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteOne(Utf8JsonWriter json, string id)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("object", "model");
        json.WriteNumber("created", Created);
        json.WriteString("owned_by", "sandbox");
        json.WriteEndObject();
    }
}
