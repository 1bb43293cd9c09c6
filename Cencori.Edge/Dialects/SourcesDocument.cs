using System.Runtime.InteropServices;
using System.Text.Json;

namespace Cencori.Edge.Dialects;

/// <summary>
/// Rewrites OpenAI's chat completion as a response with sources. Only the text of the first choice is kept, because the new format has no member for
/// other choices or for the rest of a choice.
/// </summary>
/// <remarks>The provider's response is buffered until it is complete, because the message may come after any other member.</remarks>
internal sealed class SourcesDocument(Stream inner, NativeResponse response) : RewrittenStream(inner)
{
    private const int MaxBytes = 32 * 1024 * 1024;
    private const int MaxDepth = 512;

    private readonly TextBuffer _document = new();

    protected override void Rewrite(ReadOnlySpan<byte> piece)
    {
        if (_document.Length + piece.Length > MaxBytes)
        {
            // The caller has received nothing yet, so the exception becomes a regular error response.
            throw new InvalidDataException("The provider sent a response that is too large to forward.");
        }

        _document.Append(piece);
    }

    protected override void End()
    {
        try
        {
            var reader = new Utf8JsonReader(_document.Span.TrimStart(Streams.StreamStart.Meaningless), new JsonReaderOptions { MaxDepth = MaxDepth });
            using var document = JsonDocument.ParseValue(ref reader);
            if (document.RootElement.ValueKind == JsonValueKind.Object && !reader.Read())
            {
                Translate(document.RootElement);
                return;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not a chat completion: the provider's bytes are forwarded unchanged.
            Output.CutTo(0);
        }

        Output.Append(_document.Span);
    }

    protected override void Release() => _document.Clear();

    private void Translate(JsonElement root)
    {
        var message = MessageOf(root);
        Output.Append((byte)'{');
        if (message is null && ErrorOf(root) is { } error)
        {
            // Some providers report an error with a success status. The response then has no message.
            Output.Append("\"error\":"u8);
            Output.Append(error.ValueKind == JsonValueKind.String ? JsonMarshal.GetRawUtf8Value(error) : "\"The provider reported an error.\""u8);
        }
        else
        {
            Output.Append("\"message\":{\"role\":\"assistant\",\"content\":"u8);
            ContentText.Write(Output, message is { } known && known.TryGetProperty("content"u8, out var content) ? JsonMarshal.GetRawUtf8Value(content) : default);
            Output.Append((byte)'}');
        }

        Output.Append(",\"model\":"u8);
        if (root.TryGetProperty("model"u8, out var model) && model.ValueKind == JsonValueKind.String)
        {
            Output.Append(JsonMarshal.GetRawUtf8Value(model));
        }
        else
        {
            Append(response.Model);
        }

        Output.Append(",\"provider\":"u8);
        Append(response.Provider);
        var usage = response.Bill().Usage;
        Output.Append(",\"usage\":{\"prompt_tokens\":"u8);
        Output.Append(usage.PromptTokens);
        Output.Append(",\"completion_tokens\":"u8);
        Output.Append(usage.CompletionTokens);
        Output.Append(",\"total_tokens\":"u8);
        Output.Append(usage.TotalTokens);
        Output.Append("},\"latency_ms\":"u8);
        Output.Append((long)response.Sources!.Elapsed().TotalMilliseconds);
        if (response.Sources.Json is { } sources)
        {
            Output.Append(",\"sources\":"u8);
            Output.Append(sources);
        }

        Output.Append((byte)'}');
    }

    private static JsonElement? MessageOf(JsonElement root) =>
        root.TryGetProperty("choices"u8, out var choices) && choices.ValueKind == JsonValueKind.Array && choices.GetArrayLength() > 0
        && choices[0] is { ValueKind: JsonValueKind.Object } choice && choice.TryGetProperty("message"u8, out var message) && message.ValueKind == JsonValueKind.Object
            ? message
            : null;

    // Returns the member "message" of the error, or the error itself when it has no message.
    private static JsonElement? ErrorOf(JsonElement root) =>
        !root.TryGetProperty("error"u8, out var error) || error.ValueKind is not (JsonValueKind.Object or JsonValueKind.String) ? null
        : error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message"u8, out var message) ? message
        : error;

    private void Append(string? value)
    {
        if (value is null)
        {
            Output.Append("null"u8);
            return;
        }

        Output.Append((byte)'"');
        Output.Append(JsonEncodedText.Encode(value).EncodedUtf8Bytes);
        Output.Append((byte)'"');
    }
}
