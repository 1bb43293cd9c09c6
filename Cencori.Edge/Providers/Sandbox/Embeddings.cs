using System.Text.Json;

namespace Cencori.Edge.Providers.Sandbox;

internal static class Embeddings
{
    private const int MaxInputs = 2048;
    private const int MaxDimensions = 4096;
    private const int MaxNumbers = 300_000;

    public static SandboxReply Respond(RequestReader body, SandboxModel model, TimeProvider time)
    {
        var inputs = TextInput.Read(body, "input", MaxInputs);
        var dimensions = body.Integer("dimensions", 1, MaxDimensions) ?? DefaultDimensions(model);
        var format = body.Text("encoding_format") ?? "float";
        if (format is not ("float" or "base64"))
        {
            body.Refuse("encoding_format", "'encoding_format' must be 'float' or 'base64'.");
        }

        if (inputs.Count * dimensions > MaxNumbers)
        {
            body.Refuse("input", $"The number of texts in 'input' times 'dimensions' must not exceed {MaxNumbers}: {inputs.Count} times {dimensions} does.");
        }

        return body.Error is { } error
            ? new SandboxReply.Refused(error)
            : SandboxReply.Of(json => Write(json, model, inputs, dimensions, asBase64: format == "base64", body.Aborted));
    }

    private static int DefaultDimensions(SandboxModel model) =>
        SandboxModel.WithoutPrefix(model.Name) == "text-embedding-3-large" ? 3072 : 1536;

    private static void Write(
        Utf8JsonWriter json, SandboxModel model, IReadOnlyList<TextInput> inputs, int dimensions, bool asBase64, CancellationToken aborted)
    {
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        for (var i = 0; i < inputs.Count; i++)
        {
            aborted.ThrowIfCancellationRequested();
            json.WriteStartObject();
            json.WriteString("object", "embedding");
            json.WriteNumber("index", i);
            json.WritePropertyName("embedding");
            EmbeddingVector.Of(inputs[i].Text, dimensions).Write(json, asBase64);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("model", model.Name);
        var tokens = inputs.Sum(input => input.TokenCount);
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", tokens);
        json.WriteNumber("total_tokens", tokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
