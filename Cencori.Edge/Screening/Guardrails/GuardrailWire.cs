using System.Text.Json;
using Cencori.Edge.Policies;
using Cencori.Edge.Screening.Documents;

namespace Cencori.Edge.Screening.Guardrails;

/// <summary>Writes requests to guardrails and reads their responses.</summary>
internal static class GuardrailWire
{
    private const int LongestMessage = 200;

    // Duplicate members are refused: of two verdicts, it is not clear which one is meant.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private static readonly JsonSerializerOptions Json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] WriteHttp(IReadOnlyList<string> texts, bool isResponse) => Write(new { texts, input_type = isResponse ? "response" : "request", request_data = new { } });

    public static byte[] WriteModeration(IReadOnlyList<string> texts) => Write(new { model = "omni-moderation-latest", input = texts });

    public static byte[] WritePresidio(Guardrail guardrail, string text, double threshold) => guardrail.Categories.Length == 0
        ? Write(new { text, language = guardrail.Language, score_threshold = threshold })
        : Write(new { text, language = guardrail.Language, score_threshold = threshold, entities = guardrail.Categories });

    /// <exception cref="GuardrailFaultException">The response is not valid.</exception>
    public static GuardrailVerdict ReadHttp(byte[] response, IReadOnlyList<string> texts) => Read<GuardrailVerdict>(response, root =>
    {
        var action = root.GetProperty("action").GetString();
        var reported = ReadText(root, "blocked_reason");
        if (action is "NONE")
        {
            return GuardrailVerdict.Passed;
        }

        if (action is "BLOCKED")
        {
            return new() { Blocks = true, Message = reported };
        }

        var changed = action is "GUARDRAIL_INTERVENED" ? root.GetProperty("texts").EnumerateArray().Select(static text => text.GetString() ?? throw new JsonException()).ToList() : throw new JsonException();
        if (changed.Count != texts.Count)
        {
            throw new GuardrailFaultException("The guardrail's response must have one text for each text of the request.");
        }

        var hits = Enumerable.Range(0, texts.Count).Where(i => changed[i] != texts[i]).Select(i => new GuardrailVerdict.Hit(i, TextEdit.Between(texts[i], changed[i])));
        return new() { Hits = [.. hits], Message = reported };
    });

    /// <inheritdoc cref="ReadHttp"/>
    public static GuardrailVerdict ReadModeration(byte[] response, Guardrail guardrail, int count) => Read<GuardrailVerdict>(response, root =>
    {
        var results = root.GetProperty("results");
        if (results.GetArrayLength() != count)
        {
            throw new GuardrailFaultException("The guardrail's response must have one result for each text of the request.");
        }

        var names = new SortedSet<string>(StringComparer.Ordinal);
        var hits = new List<GuardrailVerdict.Hit>();
        var index = 0;
        foreach (var result in results.EnumerateArray())
        {
            var flagged = FlaggedIn(result, guardrail).ToList();
            names.UnionWith(flagged);
            if (flagged.Count > 0 || (guardrail is { Categories.Length: 0, ScoreThreshold: null } && result.GetProperty("flagged").GetBoolean()))
            {
                hits.Add(new(index, null));
            }

            index++;
        }

        return new() { Hits = hits, Message = names.Count == 0 ? null : Cut(string.Join(", ", names)) };
    });

    /// <inheritdoc cref="ReadHttp"/>
    public static IEnumerable<TextEdit> ReadPresidio(byte[] response, Guardrail guardrail, string text, double threshold) => Read(response, root =>
    {
        var edits = new List<TextEdit>();
        var offsets = OffsetsOf(text);
        foreach (var span in root.EnumerateArray())
        {
            var kind = span.GetProperty("entity_type").GetString() ?? throw new JsonException();
            var (first, last) = (span.GetProperty("start").GetInt32(), span.GetProperty("end").GetInt32());
            if (first < 0 || first >= last || last >= (offsets?.Count ?? text.Length + 1))
            {
                throw new JsonException();
            }

            var (start, end) = offsets is null ? (first, last) : (offsets[first], offsets[last]);

            if (span.GetProperty("score").GetDouble() >= threshold && (guardrail.Categories.Length == 0 || guardrail.Categories.Contains(kind)))
            {
                edits.Add(new(start, end - start, PathNames.IsPlain(System.Text.Encoding.UTF8.GetBytes(kind.ToLowerInvariant())) ? $"[{kind.ToUpperInvariant()}]" : "[REDACTED]", IsMask: true));
            }
        }

        return edits;
    });

    private static IEnumerable<string> FlaggedIn(JsonElement result, Guardrail guardrail)
    {
        var isByScore = guardrail.ScoreThreshold is not null;
        if (!isByScore && guardrail.Categories.Length == 0 && !result.GetProperty("flagged").GetBoolean())
        {
            yield break;
        }

        foreach (var category in result.GetProperty(isByScore ? "category_scores" : "categories").EnumerateObject())
        {
            if ((guardrail.Categories.Length == 0 || guardrail.Categories.Contains(category.Name))
                && (isByScore ? category.Value.GetDouble() >= guardrail.ScoreThreshold : category.Value.ValueKind == JsonValueKind.True))
            {
                yield return category.Name;
            }
        }
    }

    // Maps the offsets of Presidio, which is written in Python: Python counts a character beyond U+FFFF as one, .NET counts it as two.
    private static List<int>? OffsetsOf(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return null;
        }

        var offsets = new List<int>(text.Length);
        for (var at = 0; at < text.Length; at += char.IsSurrogatePair(text, at) ? 2 : 1)
        {
            offsets.Add(at);
        }

        offsets.Add(text.Length);
        return offsets;
    }

    private static byte[] Write<T>(T body) => JsonSerializer.SerializeToUtf8Bytes(body, Json);

    private static string? ReadText(JsonElement root, string name) => root.TryGetProperty(name, out var reported) && reported.ValueKind == JsonValueKind.String ? Cut(reported.GetString()!) : null;

    private static string Cut(string text) => text.Length <= LongestMessage ? text : text[..LongestMessage];

    private static T Read<T>(byte[] response, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(response, Strict);
            return read(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new GuardrailFaultException("The guardrail's response does not have the format that the guardrail's type requires.");
        }
    }
}
