using System.Text.Json;

namespace Cencori.Edge.Providers.Sandbox;

/// <summary>The moderation endpoint: flags nothing, and returns all fields of OpenAI's result.</summary>
internal static class Moderations
{
    public const string DefaultModel = "omni-moderation-latest";

    // Limits amplification: an empty string takes three bytes in the request, and its result a thousand bytes in the response.
    private const int MaxInputs = 1_000;

    private static readonly string[] Categories =
    [
        "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm",
        "self-harm/intent", "self-harm/instructions", "sexual", "sexual/minors", "violence", "violence/graphic",
    ];

    public static SandboxReply Respond(RequestReader body, SandboxModel model, TimeProvider time)
    {
        if (CountInputs(body) is { } count)
        {
            return SandboxReply.Of(json => Write(json, model, count));
        }

        body.Refuse("input", $"'input' must be a string, an array of at most {MaxInputs} strings, or an array of parts.");
        return new SandboxReply.Refused(body.Error!);
    }

    private static int? CountInputs(RequestReader body)
    {
        if (!body.TryGet("input", out var input))
        {
            return null;
        }

        // OpenAI rates each string on its own. Parts belong to one message and are rated together.
        return input.ValueKind switch
        {
            JsonValueKind.String => 1,
            JsonValueKind.Array when input.GetArrayLength() == 0 => null,
            JsonValueKind.Array when input.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
                input.GetArrayLength() is var count && count <= MaxInputs ? count : null,
            JsonValueKind.Array when input.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Object) => 1,
            _ => null,
        };
    }

    private static void Write(Utf8JsonWriter json, SandboxModel model, int count)
    {
        json.WriteStartObject();
        json.WriteString("id", $"modr-{Guid.NewGuid():N}");
        json.WriteString("model", model.Name);
        json.WriteStartArray("results");
        for (var i = 0; i < count; i++)
        {
            json.WriteStartObject();
            json.WriteBoolean("flagged", false);
            WriteEach(json, "categories", static (json, category) => json.WriteBoolean(category, false));
            WriteEach(json, "category_scores", static (json, category) => json.WriteNumber(category, 0.0001));
            WriteEach(json, "category_applied_input_types", static (json, category) =>
            {
                json.WriteStartArray(category);
                json.WriteStringValue("text");
                json.WriteEndArray();
            });
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteEach(Utf8JsonWriter json, string name, Action<Utf8JsonWriter, string> write)
    {
        json.WriteStartObject(name);
        foreach (var category in Categories)
        {
            write(json, category);
        }

        json.WriteEndObject();
    }
}
