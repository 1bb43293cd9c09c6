using System.Globalization;
using System.Text.Json;
using Cencori.Edge.Dashboard.Logs;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Exchanges;

namespace Cencori.Edge.Dashboard.Playground;

/// <summary>The result of one playground request.</summary>
/// <param name="Turn">The message of the model; null: there is none, because of an error.</param>
/// <param name="Code">The error code of the edge; null: no error, or an error of the provider.</param>
/// <param name="Message">The error message; null: no error.</param>
/// <param name="Facts">Times, tokens and cost.</param>
public sealed record PlaygroundResponse(Turn? Turn, string? Code, string? Message, ResponseFacts Facts)
{
    internal static PlaygroundResponse Of(Exchange exchange, ReadOnlyMemory<byte> body)
    {
        var facts = ResponseFacts.Of(exchange);
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0 ? list[0] : document.RootElement;
            if (root.TryGetProperty("error", out var error))
            {
                return new(null, Text(error, "code"), Text(error, "message") ?? error.GetRawText(), facts);
            }

            var message = root.GetProperty("choices")[0].GetProperty("message");
            var calls = message.TryGetProperty("tool_calls", out var reported) && reported.ValueKind == JsonValueKind.Array && reported.GetArrayLength() > 0 ? reported.GetRawText() : null;
            return new(new Turn("assistant", Text(message, "content") ?? "") { Calls = calls }, null, null, facts);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or IndexOutOfRangeException)
        {
            return new(null, exchange.Refusal?.Kind.Code, exchange.Refusal?.Message ?? "The response is not a chat completion.", facts);
        }
    }

    /// <summary>The empty messages that the form shows next: one per tool call, for its result, or else one message of the user.</summary>
    public IEnumerable<Turn> Next()
    {
        if (Turn?.Calls is not { } calls)
        {
            return [new Turn("user", "")];
        }

        using var document = JsonDocument.Parse(calls);
        return [.. document.RootElement.EnumerateArray().Select(call => new Turn("tool", "") { CallId = Text(call, "id") })];
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>Facts about one response, from the record of its request.</summary>
/// <param name="RequestId">The id for the link to the logs.</param>
/// <param name="Outcome">The outcome in words.</param>
/// <param name="FirstByte">Time to first byte; null: there was none.</param>
/// <param name="Speed">Tokens per second after the first byte; null: unknown.</param>
/// <param name="Tokens">Input and output tokens.</param>
/// <param name="Cost">In US dollars, or why it is unknown.</param>
/// <param name="Duration">From the request's arrival to its end.</param>
public sealed record ResponseFacts(string RequestId, string? Outcome, string? FirstByte, string? Speed, string? Tokens, string? Cost, string? Duration)
{
    internal static ResponseFacts Of(Exchange exchange)
    {
        var id = exchange.Context.TraceIdentifier;
        if (exchange.Record is not { } record)
        {
            return new(id, null, null, null, null, null, null);
        }

        var first = record.FirstByteMicroseconds;
        var rest = record.DurationMicroseconds - (first ?? 0);
        return new(
            id,
            LogText.Outcome(record.Outcome),
            first is { } at ? Numbers.Duration(LogText.Microseconds(at)) : null,
            record is { IsStream: true, CompletionTokens: > 1 } && rest > 1_000 ? (record.CompletionTokens * 1e6 / rest).ToString("#,0.#", CultureInfo.InvariantCulture) : null,
            LogText.Tokens(record),
            LogText.Cost(record).Text,
            Numbers.Duration(LogText.Microseconds(record.DurationMicroseconds)));
    }
}
