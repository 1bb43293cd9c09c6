using Cencori.Edge.Metering;

namespace Cencori.Edge.Providers.Sandbox.Generation;

/// <summary>The output of the model: text as tokens, or a function call.</summary>
internal sealed record ModelOutput(IReadOnlyList<string> Tokens, FunctionCall? Call, bool IsTruncated)
{
    private const int MaxDeltas = 10_000;

    public string Text => string.Concat(Tokens);

    public int TokenCount => Call?.TokenCount ?? Tokens.Count;

    public string FinishReason => Call is not null ? "tool_calls" : IsTruncated ? "length" : "stop";

    public static ModelOutput To(SandboxModel model, Conversation conversation, OutputBounds bounds, FunctionCall? call = null, string? structured = null)
    {
        if (model.Behaviour == SandboxBehaviour.Burst)
        {
            return Bounded(Enumerable.Repeat(" token", model.Number), model.Number, bounds.MaxTokens);
        }

        if (call is not null)
        {
            return new ModelOutput([], call, IsTruncated: false);
        }

        var tokens = TextTokens.Split(UntilStop(TextOf(model, conversation, structured), bounds.Stop), conversation.Aborted);
        return Bounded(tokens, tokens.Count, bounds.MaxTokens);
    }

    /// <summary>The text as stream deltas of a few tokens each, or of more tokens if there would be too many events.</summary>
    public IEnumerable<string> Deltas(SandboxModel model) =>
        Tokens.Chunk(Math.Max(model.TokensPerDelta, Tokens.Count / MaxDeltas)).Select(tokens => string.Concat(tokens)).Where(delta => delta.Length > 0);

    private static string TextOf(SandboxModel model, Conversation conversation, string? structured)
    {
        if (conversation.ToolResult is { } result)
        {
            return $"The tool answered: {Conversation.Shorten(result)}";
        }

        return structured ?? model.Behaviour switch
        {
            SandboxBehaviour.Echo or SandboxBehaviour.Slow => conversation.Question,
            _ => $"Hello from the sandbox, which answers for {Conversation.Shorten(model.Name)} without calling any provider. You said: {conversation.Excerpt}",
        };
    }

    private static string UntilStop(string text, IReadOnlyList<string> stop)
    {
        foreach (var word in stop.Where(word => word.Length > 0))
        {
            var at = text.IndexOf(word, StringComparison.Ordinal);
            text = at < 0 ? text : text[..at];
        }

        return text;
    }

    private static ModelOutput Bounded(IEnumerable<string> tokens, int count, int? max) =>
        new([.. tokens.Take(max ?? count)], Call: null, IsTruncated: count > max);
}

/// <summary>Where the caller wants the output to end.</summary>
internal sealed record OutputBounds(int? MaxTokens, IReadOnlyList<string> Stop)
{
    // Maximum number and length of stop words. OpenAI allows four. Few and short ones keep the search linear in the length of the text.
    private const int MaxStops = 4;
    private const int LongestStop = 1_000;

    public static IReadOnlyList<string> ReadStop(RequestReader body) => body.Texts("stop", MaxStops, LongestStop);
}
