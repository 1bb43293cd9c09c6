using System.Text.Json;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>What the body of a provider's refusal says, as far as it is the provider's own: callers choose none of its codes, and what a sentence begins with.</summary>
/// <param name="Code">Null where there is none, as are all others.</param>
/// <param name="Type">OpenAI's and Anthropic's.</param>
/// <param name="Param">What of the request it is about.</param>
/// <param name="Reason">Google's.</param>
/// <param name="Message">A sentence.</param>
/// <param name="RetryDelay">Google's.</param>
/// <param name="IsFlagged">OpenRouter tells what it did not like of what was said.</param>
internal readonly record struct RefusalText(string? Code, string? Type, string? Param, string? Reason, string? Message, TimeSpan? RetryDelay, bool IsFlagged)
{
    /// <summary>What the OpenAI-compatible providers write: an object <c>error</c>, alone or in an array; the same without it; or the sentence in its place.</summary>
    /// <param name="json">All of it. Of anything else nothing is known.</param>
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
            var error = Member(root, "error") is { ValueKind: JsonValueKind.Object } told ? told : root;
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
            // No JSON, or text that is none.
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
