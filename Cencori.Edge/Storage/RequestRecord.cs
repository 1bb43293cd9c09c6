namespace Cencori.Edge.Storage;

/// <summary>How a request ended.</summary>
public enum RequestOutcome
{
    /// <summary>The whole response reached the caller.</summary>
    Success,

    /// <summary>As <see cref="Success"/>, but from another provider or model than the first choice.</summary>
    SuccessFallback,

    /// <summary>Refused by the edge or the provider, broken off by the provider, or an error inside the response.</summary>
    Error,

    /// <summary>Refused by the project's limits.</summary>
    RateLimited,

    /// <summary>Refused by a policy.</summary>
    Filtered,

    /// <summary>The caller disconnected before the end.</summary>
    Cancelled,

    /// <summary>A copy of a request that the edge sent to another model, with any result. Counted in no number of requests; its tokens and cost are in all sums.</summary>
    Shadow,
}

/// <summary>The source of a request's cost.</summary>
public enum CostSource
{
    /// <summary>The usage, at the price of the list or of the project. No cost if there is no price.</summary>
    Prices,

    /// <summary>The provider, in its response.</summary>
    Provider,

    /// <summary>Not known yet: the work continues in the background, and the reservation counts. The request that sees the end records the cost.</summary>
    Later,
}

/// <summary>The record of one request with a known key. Contains no text of prompts or responses; see <see cref="PayloadRecord"/>.</summary>
/// <remarks>Every member has a line in <see cref="RecordColumns"/>. Must not be changed once it is handed over.</remarks>
public sealed class RequestRecord
{
    /// <inheritdoc cref="Affinity"/>
    public const string Pinned = "pinned";

    /// <inheritdoc cref="Affinity"/>
    public const string Control = "control";

    /// <summary>The request id as the caller saw it (<c>X-Request-Id</c>). Not unique: a caller may reuse one.</summary>
    public required string RequestId { get; set; }

    public required DateTimeOffset StartedAt { get; set; }

    public required string ProjectId { get; set; }

    public required string KeyId { get; set; }

    public required KeyEnvironment Environment { get; set; }

    /// <summary>Method and route: <c>POST /v1/chat/completions</c>; <c>POST /v1/*</c> for a path that the edge only passes through.</summary>
    public required string Endpoint { get; set; }

    /// <summary>The model as the caller wrote it. Null: the request names none.</summary>
    public string? ModelAsked { get; set; }

    /// <summary>The model as it was sent to the provider. Null: nothing was sent.</summary>
    public string? ModelServed { get; set; }

    /// <summary>Null: no provider was chosen.</summary>
    public string? Provider { get; set; }

    /// <summary>The last characters of the credential. Null: none was used.</summary>
    public string? CredentialHint { get; set; }

    public required bool IsStream { get; set; }

    /// <summary>HTTP status as sent to the caller; 499 if the caller disconnected before.</summary>
    public required int Status { get; set; }

    public required RequestOutcome Outcome { get; set; }

    /// <summary>The edge's error code. Null: no error of the edge.</summary>
    public string? ErrorCode { get; set; }

    /// <summary>Why access was denied, as in the error's <c>reason</c>; or <c>key_revoked</c> or <c>key_expired</c>, which callers are never told.</summary>
    public string? Reason { get; set; }

    /// <summary>The error's <c>param</c>: the limit, field or header in question.</summary>
    public string? Param { get; set; }

    /// <summary>The error message that the caller got from the edge. Contains no secrets.</summary>
    public string? Message { get; set; }

    /// <summary>The provider's own request id, for support. Null: none given.</summary>
    public string? ProviderRequestId { get; set; }

    /// <summary>Input tokens, cached ones included.</summary>
    public long PromptTokens { get; set; }

    /// <summary>The part of <see cref="PromptTokens"/> that the provider read from its cache.</summary>
    public long CachedTokens { get; set; }

    /// <summary>Output tokens, reasoning included.</summary>
    public long CompletionTokens { get; set; }

    /// <summary>The provider reported no usage, and the edge counted tokens itself.</summary>
    public bool IsEstimated { get; set; }

    /// <summary>In US dollars. Null: the model has no price.</summary>
    public decimal? CostUsd
    {
        get => Picodollars is { } picodollars ? Storage.Picodollars.ToUsd(picodollars) : null;
        set => Picodollars = value is { } usd ? Storage.Picodollars.FromUsd(usd) : null;
    }

    /// <summary>Default <see cref="CostSource.Prices"/>.</summary>
    public CostSource CostSource { get; set; }

    /// <summary>The cost as it is stored; see <see cref="Storage.Picodollars"/>.</summary>
    public long? Picodollars { get; set; }

    /// <summary>From the request's arrival to the response's first byte, in microseconds. Null: no response.</summary>
    public long? FirstByteMicroseconds { get; set; }

    /// <summary>From the request's arrival to its end, in microseconds.</summary>
    public required long DurationMicroseconds { get; set; }

    /// <summary>The part of the duration spent in the edge itself, in microseconds: not waiting for the provider or the caller.</summary>
    public required long EdgeMicroseconds { get; set; }

    /// <summary>Attempts after the first.</summary>
    public int Retries { get; set; }

    /// <summary>Null: a single attempt without trouble.</summary>
    public IReadOnlyList<RequestAttempt>? Attempts { get; set; }

    /// <summary>The caller's address; behind a trusted proxy, the address that the proxy reports.</summary>
    public string? ClientAddress { get; set; }

    /// <summary><c>X-Cencori-App</c>, at most 64 characters.</summary>
    public string? App { get; set; }

    /// <summary>Id of the agent that it ran as. Null: none.</summary>
    public string? AgentId { get; set; }

    /// <summary>Name of the prompt that replaced its system messages. Null: none.</summary>
    public string? Prompt { get; set; }

    /// <summary>The version of <see cref="Prompt"/>. Null: none.</summary>
    public long? PromptVersion { get; set; }

    /// <summary>The project's route that it used. Null: none.</summary>
    public string? Route { get; set; }

    /// <summary>Why it fell back from the first choice, as in <c>x-cencori-fallback</c>. Null: no fallback.</summary>
    public string? Fallback { get; set; }

    /// <summary>For routes with cache affinity. <see cref="Pinned"/>: prefers the target that has the prompt cached. <see cref="Control"/>: ignores caches, to compare. Null: none.</summary>
    public string? Affinity { get; set; }

    /// <summary>Results of the project's policies. Null: no policies, or nothing was checked.</summary>
    public RequestPolicy? Policy { get; set; }

    /// <summary>An empty record, to be filled while reading it back.</summary>
    internal static RequestRecord Blank() => new()
    {
        RequestId = "",
        StartedAt = DateTimeOffset.UnixEpoch,
        ProjectId = "",
        KeyId = "",
        Environment = default,
        Endpoint = "",
        IsStream = false,
        Status = 0,
        Outcome = default,
        DurationMicroseconds = 0,
        EdgeMicroseconds = 0,
    };
}
