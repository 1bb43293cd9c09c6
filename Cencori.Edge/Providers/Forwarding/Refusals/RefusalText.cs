using System.Text.Json;

namespace Cencori.Edge.Providers.Forwarding.Refusals;

/// <summary>The fields of a provider's error body. A caller cannot influence the codes.
/// The message may repeat parts of the request, but does not begin with them.</summary>
/// <param name="Code">The error code. Null if absent, like the other members.</param>
/// <param name="Type">The error type, from OpenAI and Anthropic.</param>
/// <param name="Param">The field of the request that the error is about.</param>
/// <param name="Reason">The error's reason, from Google.</param>
/// <param name="Message">The error message.</param>
/// <param name="RetryDelay">The time until a retry, from Google.</param>
/// <param name="IsFlagged">True: moderation at OpenRouter flagged the input.</param>
internal readonly record struct RefusalText(string? Code, string? Type, string? Param, string? Reason, string? Message, TimeSpan? RetryDelay, bool IsFlagged)
{
    /// <summary>
    /// Reads the shapes of OpenAI-compatible providers: an object <c>error</c>, alone or in an array; the same fields without <c>error</c>;
    /// or an <c>error</c> that is only a message.
    /// </summary>
    /// <param name="json">The complete JSON text. Other text gives an empty result.</param>
    public static RefusalText Read(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!JsonElement.TryParseValue(ref reader, out var parsed) || parsed is not { } root)
            {
                return default;
            }

            root = root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0 ? root[0] : root;
            var error = Member(root, "error") is { ValueKind: JsonValueKind.Object } reported ? reported : root;
            var (reason, delay) = Details(error);
            return new(
                TextOf(error, "code"),
                TextOf(error, "type"),
                TextOf(error, "param"),
                reason,
                TextOf(error, "message") ?? TextOf(error, "error") ?? TextOf(error, "detail"),
                delay,
                IsFlagged: Member(error, "metadata") is { } metadata && Member(metadata, "flagged_input") is not null);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The text is not JSON, or has a string that is not valid Unicode.
            return default;
        }
    }

    private static (string? Reason, TimeSpan? RetryDelay) Details(JsonElement error)
    {
        var (reason, delay) = ((string?)null, (TimeSpan?)null);
        if (Member(error, "details") is { ValueKind: JsonValueKind.Array } details)
        {
            foreach (var detail in details.EnumerateArray())
            {
                reason ??= TextOf(detail, "reason");
                delay ??= TextOf(detail, "retryDelay") is { } text ? RetryAfterParser.Duration(text) : null;
            }
        }

        return (reason, delay);
    }

    private static JsonElement? Member(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;

    private static string? TextOf(JsonElement element, string name) => Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
