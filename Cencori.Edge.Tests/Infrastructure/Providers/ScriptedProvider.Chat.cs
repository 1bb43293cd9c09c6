using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Cencori.Edge.Tests.Infrastructure.Providers;

public sealed partial class ScriptedProvider
{
    private const string Id = "chatcmpl-scripted";
    private const long Created = 1_760_000_000;

    // Providers send non-ASCII characters unescaped, and only those can be split by a cut.
    private static readonly JsonSerializerOptions AsProvidersWrite = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string ChatCompletion(string model, string content, int promptTokens, int completionTokens) => Json(new
    {
        id = Id,
        @object = "chat.completion",
        created = Created,
        model,
        choices = new[]
        {
            new { index = 0, message = new { role = "assistant", content }, logprobs = (object?)null, finish_reason = "stop" },
        },
        usage = Usage(promptTokens, completionTokens),
    });

    /// <summary>
    /// The events of a streamed completion: role, one per content, finish and, as if the caller had asked for it with
    /// <c>include_usage</c>, a last one with usage and no choices.
    /// </summary>
    public static IReadOnlyList<string> ChatChunks(
        string model, IEnumerable<string> contents, (int PromptTokens, int CompletionTokens)? usage = null)
    {
        // With include_usage, every chunk has the member: null until the last. Without it, no chunk has the member.
        string Chunk(object[] choices, object? counted = null) => usage is null
            ? Json(new { id = Id, @object = "chat.completion.chunk", created = Created, model, choices })
            : Json(new { id = Id, @object = "chat.completion.chunk", created = Created, model, choices, usage = counted });

        string Delta(object delta, string? finishReason = null) =>
            Chunk([new { index = 0, delta, logprobs = (object?)null, finish_reason = finishReason }]);

        return
        [
            Delta(new { role = "assistant", content = "" }),
            .. contents.Select(content => Delta(new { content })),
            Delta(new { }, "stop"),
            .. usage is var (prompt, completion) ? [Chunk([], Usage(prompt, completion))] : Array.Empty<string>(),
        ];
    }

    private static object Usage(int promptTokens, int completionTokens) => new
    {
        prompt_tokens = promptTokens,
        completion_tokens = completionTokens,
        total_tokens = promptTokens + completionTokens,
    };

    private static string Json<T>(T value) =>
        SurrogatePair().Replace(JsonSerializer.Serialize(value, AsProvidersWrite), pair => Regex.Unescape(pair.Value));

    // .NET's encoders always escape characters beyond the basic plane, such as most emoji.
    [GeneratedRegex(@"(?<!\\)\\uD[89AB]..\\uD[C-F]..")]
    private static partial Regex SurrogatePair();
}
