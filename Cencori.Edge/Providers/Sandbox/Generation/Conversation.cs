using System.Text.Json;
using Cencori.Edge.Metering;

namespace Cencori.Edge.Providers.Sandbox.Generation;

/// <summary>The conversation so far, reduced to what the model output needs.</summary>
internal sealed class Conversation(CancellationToken aborted)
{
    // OpenAI's published rule for counting input tokens: three extra tokens for each message, and three before the output.
    private const int TokensPerMessage = 3;
    private const int TokensBeforeOutput = 3;
    private const int LongestExcerpt = 200;

    private string _lastRole = "";
    private string _lastText = "";
    private int _messages;

    public CancellationToken Aborted => aborted;

    public string Question { get; private set; } = "";

    public int TokenCount { get; private set; } = TokensBeforeOutput;

    public bool IsEmpty => _messages == 0;

    public bool EndsWithUser => _lastRole == "user";

    public string? ToolResult => _lastRole == "tool" ? _lastText : null;

    public string Excerpt => Shorten(Question);

    public void Add(string role, string text)
    {
        _messages++;
        _lastRole = role;
        _lastText = text;
        TokenCount += TokensPerMessage + TextTokens.Count(text, aborted);
        if (role == "user")
        {
            Question = text;
        }
    }

    public static string Shorten(string text)
    {
        if (text.Length <= LongestExcerpt)
        {
            return text;
        }

        var end = char.IsLowSurrogate(text[LongestExcerpt]) ? LongestExcerpt - 1 : LongestExcerpt;
        return string.Concat(text.AsSpan(0, end), "…");
    }

    /// <summary>The text of a content field: a string, or the text parts of an array. Image and audio parts are ignored.</summary>
    public static string TextOf(JsonElement content) => content.ValueKind switch
    {
        JsonValueKind.String => content.GetString()!,
        JsonValueKind.Array => string.Concat(content.EnumerateArray().Select(PartText)),
        _ => "",
    };

    private static string PartText(JsonElement part) => part.ValueKind switch
    {
        JsonValueKind.String => part.GetString()!,
        JsonValueKind.Object when part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String => text.GetString()!,
        _ => "",
    };
}
