using Cencori.Edge.Models;

namespace Cencori.Edge.Bodies;

/// <summary>What the edge needs to know of a JSON request, and where in the body it stands. Offsets count from the first byte of
/// the body, a byte order mark included.</summary>
public readonly record struct RequestScan
{
    /// <summary>What an image, a file or a sound sent as base64 counts, whatever its size: 1,000 tokens.</summary>
    public const int MediaPartBytes = 4_000;

    /// <summary>Output tokens reserved for each choice when the request names no bound.</summary>
    public const long DefaultOutputBound = 1_024;

    private const int BytesPerToken = 4;

    /// <summary>Where the JSON begins: behind the byte order mark, which not every parser skips, if there is one.</summary>
    public int Start { get; init; }

    /// <summary>The model asked for, 1 to 256 characters, unescaped; null when absent or null.</summary>
    public string? Model { get; init; }

    /// <summary>The value <see cref="Model"/> was read from, quotes included, or the null in its place; null when there is no such property.</summary>
    public ByteRange? ModelRange { get; init; }

    /// <summary>Earlier values of a repeated <c>model</c>, in body order; null when it is not repeated.</summary>
    public ByteRange[]? EarlierModelRanges { get; init; }

    /// <summary>True when <c>model</c> is repeated. Such a body must have them all replaced even for the
    /// same name: a provider that takes the first of them would otherwise answer with a model nobody authorized.</summary>
    public bool HasRepeatedModel => EarlierModelRanges is not null;

    /// <summary>True when the body names others beside <see cref="Model"/>: in <c>models</c>, which some providers take for fallbacks, in a tool
    /// or a setting that has a model of its own, or by an agent, a preset or a file. A key that is limited to some models must not send it.</summary>
    public bool NamesOtherModels { get; init; }

    /// <summary>Default false.</summary>
    public bool Stream { get; init; }

    /// <summary>The <c>stream_options</c> object, braces included; null when absent or null.</summary>
    public ByteRange? StreamOptions { get; init; }

    /// <summary>Where <c>stream_options</c> is spelled null: what wants to set it must replace this, as an insertion in front would lose against it.</summary>
    public ByteRange? NullStreamOptions { get; init; }

    /// <summary><c>stream_options.include_usage</c>; null when the caller said nothing.</summary>
    public bool? IncludeUsage { get; init; }

    /// <summary>Most output tokens for one choice, the largest where several are given; null when the request names none. Capped at <see cref="long.MaxValue"/>.</summary>
    public long? OutputBound { get; init; }

    /// <summary>True when a bound on output is none that the edge knows, such as <c>"inf"</c>; then <see cref="OutputBound"/> is null.</summary>
    public bool IsUnbounded { get; init; }

    /// <summary>Responses that are paid for, at least 1: <c>n</c>, or <c>best_of</c> where that is more, for each prompt of a list. Capped at
    /// <see cref="long.MaxValue"/>.</summary>
    public long Choices { get; init; }

    /// <summary>Size of the text the model will read, names of properties included, in bytes as sent, with a flat
    /// <see cref="MediaPartBytes"/> for each media part.</summary>
    public long InputTextBytes { get; init; }

    /// <summary>True where what the model reads does not all stand in the request: files, addresses, earlier answers, what a provider's own tools find.</summary>
    public bool HasInputElsewhere { get; init; }

    /// <summary>The <c>service_tier</c> asked for; null: the ordinary one.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>True where the response may come before the work is done.</summary>
    public bool IsBackground { get; init; }

    /// <summary>True when there is a <c>messages</c> array, empty or not.</summary>
    public bool HasMessages { get; init; }

    /// <summary>The fields that were to be noted, in body order; null where there is none. Of a repeated one all.</summary>
    internal IReadOnlyList<NotedField>? Noted { get; init; }

    /// <summary>Where <c>prompt</c> was to be noted: what of a conversation is not written in lower case. Some providers match names without regard to case, so nothing of it can be replaced.</summary>
    internal string? InOtherCase { get; init; }

    /// <summary>Where <see cref="NotedFields.Needs"/> were to be noted: see <see cref="RequestContent.RequiredAbilities"/>.</summary>
    internal ModelAbilities RequiredAbilities { get; init; }

    /// <summary>Where they were to be noted; null where there is none.</summary>
    internal RequestLabels? Labels { get; init; }

    /// <summary>Where <see cref="NotedFields.Stored"/> was to be noted; null where there is none.</summary>
    internal IReadOnlyList<string>? StoredIds { get; init; }

    /// <summary>Where it was to be noted: see <see cref="RequestContent.PromptPrefix"/>.</summary>
    internal ulong PromptPrefix { get; init; }

    /// <summary>Native names that become OpenAI's, in body order; null where there is none.</summary>
    internal IReadOnlyList<Splice>? Renames { get; init; }

    /// <summary>Just after the opening brace: where a property can be inserted.</summary>
    public int InsertOffset { get; init; }

    /// <summary>True for <c>{}</c>, where an inserted property takes no comma.</summary>
    public bool IsEmptyObject { get; init; }

    /// <summary>Input tokens, estimated: four bytes each, rounded up.</summary>
    public long EstimateInputTokens() => TokensOf(InputTextBytes);

    /// <summary>Likewise, of a text.</summary>
    public static long TokensOf(long bytes) => (bytes / BytesPerToken) + (bytes % BytesPerToken == 0 ? 0 : 1);

    /// <summary>Output tokens the request may use at most, all choices together. Saturates at <see cref="long.MaxValue"/>.</summary>
    public long EstimateOutputTokens() => Saturate((Int128)(OutputBound ?? DefaultOutputBound) * Choices);

    /// <summary>Tokens to reserve before the request is sent. Saturates at <see cref="long.MaxValue"/>.</summary>
    /// <param name="hasOutput">False where the response has no tokens, as for embeddings.</param>
    public long Reservation(bool hasOutput) =>
        hasOutput ? Saturate((Int128)EstimateInputTokens() + EstimateOutputTokens()) : EstimateInputTokens();

    internal static RequestProblem WrongCase(string name) => new($"The property '{name}' must be written in lower case.", name);

    private static long Saturate(Int128 tokens) => (long)Int128.Min(tokens, long.MaxValue);
}
