using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Models;

namespace Cencori.Edge.Bodies.Scanning;

/// <summary>The result of a scan: facts that the edge needs from a JSON request, and their positions in the body. Offsets count from the first byte
/// of the body, including a byte order mark.</summary>
public readonly record struct RequestScan
{
    /// <summary>Flat size of an image, file or sound sent as base64, in bytes of text. Estimated as 1,000 tokens.</summary>
    public const int MediaPartBytes = 4_000;

    /// <summary>Output tokens reserved for each choice when the request sets no limit.</summary>
    public const long DefaultOutputBound = 1_024;

    private const int BytesPerToken = 4;

    /// <summary>Offset where the JSON begins: after the byte order mark, if any. Not every parser skips that mark.</summary>
    public int Start { get; init; }

    /// <summary>The requested model, 1 to 256 characters, unescaped. Null when absent or null.</summary>
    public string? Model { get; init; }

    /// <summary>Position of the value of <see cref="Model"/>, quotes included, or of the null. Null when there is no such property.</summary>
    public ByteRange? ModelRange { get; init; }

    /// <summary>Earlier values of a repeated <c>model</c>, in body order. Null when it is not repeated.</summary>
    public ByteRange[]? EarlierModelRanges { get; init; }

    /// <summary>True when <c>model</c> is repeated. All values must then be replaced, even by the same name.
    /// Otherwise a provider that uses the first value would run a model that the key is not authorized for.</summary>
    public bool HasRepeatedModel => EarlierModelRanges is not null;

    /// <summary>True when the body names models other than <see cref="Model"/>: in <c>models</c>, which some providers use as fallbacks, in a tool
    /// or setting with its own model, or through an agent, a preset or a file. A key that is limited to some models must not send such a body.</summary>
    public bool NamesOtherModels { get; init; }

    /// <summary>True when <c>models</c> may list a model of OpenRouter that searches the web (<c>:online</c>).</summary>
    public bool ListsWebSearch { get; init; }

    /// <summary>True when the request asks for a stream. Default false.</summary>
    public bool Stream { get; init; }

    /// <summary>Position of the <c>stream_options</c> object, braces included. Null when absent or null.</summary>
    public ByteRange? StreamOptions { get; init; }

    /// <summary>
    /// Position of the value of <c>stream_options</c> when it is null. To set the option, replace this value: a property inserted before it would be
    /// overridden.
    /// </summary>
    public ByteRange? NullStreamOptions { get; init; }

    /// <summary><c>stream_options.include_usage</c>. Null when the caller did not set it.</summary>
    public bool? IncludeUsage { get; init; }

    /// <summary>Largest output limit for one choice, in tokens. Null when the request sets none. Capped at <see cref="long.MaxValue"/>.</summary>
    public long? OutputBound { get; init; }

    /// <summary>True when an output limit has a value that the edge cannot read, such as <c>"inf"</c>. <see cref="OutputBound"/> is then null.</summary>
    public bool IsUnbounded { get; init; }

    /// <summary>Number of billed choices, at least 1: the larger of <c>n</c> and <c>best_of</c>, times the number of prompts. Capped at
    /// <see cref="long.MaxValue"/>.</summary>
    public long Choices { get; init; }

    /// <summary>Size of the text that the model will read, property names included, in bytes as sent. For each media part, the size includes a flat
    /// <see cref="MediaPartBytes"/>.</summary>
    public long InputTextBytes { get; init; }

    /// <summary>True when the size of the request does not bound its input tokens, because of media, or of input outside of the request: files, URLs,
    /// earlier responses, results of a provider's own tools.</summary>
    public bool HasUnboundedInput { get; init; }

    /// <summary>The requested <c>service_tier</c>. Null: the standard tier.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>True for a background request: its response may arrive before the provider has done the work.</summary>
    public bool IsBackground { get; init; }

    /// <summary>True when there is a <c>messages</c> array, empty or not.</summary>
    public bool HasMessages { get; init; }

    /// <summary>The noted fields in body order, every occurrence of a repeated one. Null when there are none.</summary>
    internal IReadOnlyList<NotedField>? Noted { get; init; }

    /// <summary>
    /// If <c>prompt</c> was noted: the name of a conversation field that is not in lower case. Some providers ignore case, so the edge cannot change
    /// such a body.
    /// </summary>
    internal string? InOtherCase { get; init; }

    /// <summary>See <see cref="RequestContent.RequiredAbilities"/>. None unless <see cref="NotedFields.Needs"/> was noted.</summary>
    internal ModelAbilities RequiredAbilities { get; init; }

    /// <summary>See <see cref="RequestContent.Labels"/>. Null when there are none, or <see cref="NotedFields.Labels"/> was not noted.</summary>
    internal RequestLabels? Labels { get; init; }

    /// <summary>See <see cref="RequestContent.StoredIds"/>. Null when there are none, or <see cref="NotedFields.Stored"/> was not noted.</summary>
    internal IReadOnlyList<string>? StoredIds { get; init; }

    /// <summary>See <see cref="RequestContent.PromptPrefix"/>. 0 unless <see cref="NotedFields.Prefix"/> was noted.</summary>
    internal ulong PromptPrefix { get; init; }

    /// <summary>Splices that rename native names to OpenAI's, in body order. Null when there are none.</summary>
    internal IReadOnlyList<Splice>? Renames { get; init; }

    /// <summary>The offset just after the opening brace, where a property can be inserted.</summary>
    public int InsertOffset { get; init; }

    /// <summary>True for <c>{}</c>, where an inserted property needs no comma.</summary>
    public bool IsEmptyObject { get; init; }

    /// <summary>Estimated input tokens: one token per four bytes, rounded up.</summary>
    public long EstimateInputTokens() => TokensOf(InputTextBytes);

    /// <summary>Estimated tokens of a text: one per four bytes, rounded up.</summary>
    public static long TokensOf(long bytes) => (bytes / BytesPerToken) + (bytes % BytesPerToken == 0 ? 0 : 1);

    /// <summary>Output tokens that the request may use at most, over all choices. Saturates at <see cref="long.MaxValue"/>.</summary>
    public long EstimateOutputTokens() => Saturate((Int128)(OutputBound ?? DefaultOutputBound) * Choices);

    /// <summary>Tokens to reserve before the request is sent. Saturates at <see cref="long.MaxValue"/>.</summary>
    /// <param name="hasOutput">False when the response has no tokens, as for embeddings.</param>
    public long Reservation(bool hasOutput) =>
        hasOutput ? Saturate((Int128)EstimateInputTokens() + EstimateOutputTokens()) : EstimateInputTokens();

    internal static RequestProblem WrongCase(string name) => new($"The property '{name}' must be written in lower case.", name);

    private static long Saturate(Int128 tokens) => (long)Int128.Min(tokens, long.MaxValue);
}
