namespace Cencori.Edge.Storage.Requests;

/// <summary>How a request ended.</summary>
public enum RequestOutcome
{
    /// <summary>The whole response reached the caller.</summary>
    Success,

    /// <summary>The whole response reached the caller, but from another provider or model than the first choice.</summary>
    SuccessFallback,

    /// <summary>The edge or the provider refused the request, the provider broke off the response, or the response contains an error.</summary>
    Error,

    /// <summary>The project's limits refused the request.</summary>
    RateLimited,

    /// <summary>A policy refused the request.</summary>
    Filtered,

    /// <summary>The caller disconnected before the end.</summary>
    Cancelled,

    /// <summary>The edge sent a copy of a request to another model, successfully or not. Not counted as a request; its tokens and cost are in all
    /// sums.</summary>
    Shadow,
}

/// <summary>Where the cost of a request comes from.</summary>
public enum CostSource
{
    /// <summary>Computed from the usage and the prices of the price list or of the project. Without a price there is no cost.</summary>
    Prices,

    /// <summary>The provider reported the cost in its response.</summary>
    Provider,

    /// <summary>
    /// The cost is not known yet: the work continues in the background, and budgets count the reserved amount. A later request that finds the work finished
    /// records the cost.
    /// </summary>
    Later,
}

/// <summary>The record of one request with a valid key. Contains no text of prompts or responses; see <see cref="PayloadRecord"/>.</summary>
/// <remarks>Every member has a line in <see cref="RecordColumns"/>. A record must not be changed after it is passed to the writer.</remarks>
public sealed class RequestRecord
{
    /// <inheritdoc cref="Affinity"/>
    public const string Pinned = "pinned";

    /// <inheritdoc cref="Affinity"/>
    public const string Control = "control";

    /// <summary>The request id that the caller received (<c>X-Request-Id</c>). Not unique: a caller may reuse an id.</summary>
    public required string RequestId { get; set; }

    public required DateTimeOffset StartedAt { get; set; }

    public required string ProjectId { get; set; }

    public required string KeyId { get; set; }

    public required KeyEnvironment Environment { get; set; }

    /// <summary>Method and route: <c>POST /v1/chat/completions</c>. <c>POST /v1/*</c> for a path that the edge only passes through.</summary>
    public required string Endpoint { get; set; }

    /// <summary>The model as the caller wrote it. Null: the request names none.</summary>
    public string? ModelAsked { get; set; }

    /// <summary>The model as it was sent to the provider. Null: nothing was sent.</summary>
    public string? ModelServed { get; set; }

    /// <summary>Id of the provider. Null: no provider was chosen.</summary>
    public string? Provider { get; set; }

    /// <summary>The last characters of the credential. Null: no credential was used.</summary>
    public string? CredentialHint { get; set; }

    public required bool IsStream { get; set; }

    /// <summary>HTTP status that was sent to the caller. 499: the caller disconnected before the edge sent a status.</summary>
    public required int Status { get; set; }

    public required RequestOutcome Outcome { get; set; }

    /// <summary>The edge's error code. Null: the edge reported no error.</summary>
    public string? ErrorCode { get; set; }

    /// <summary>Why access was denied: the <c>reason</c> of the error, or <c>key_revoked</c> or <c>key_expired</c>, which callers never receive.</summary>
    public string? Reason { get; set; }

    /// <summary>The <c>param</c> of the error: the limit, field or header that caused it.</summary>
    public string? Param { get; set; }

    /// <summary>The error message that the edge sent to the caller. Contains no secrets.</summary>
    public string? Message { get; set; }

    /// <summary>The provider's own request id, for support. Null: none given.</summary>
    public string? ProviderRequestId { get; set; }

    /// <summary>Number of input tokens, including cached ones.</summary>
    public long PromptTokens { get; set; }

    /// <summary>The part of <see cref="PromptTokens"/> that the provider read from its cache.</summary>
    public long CachedTokens { get; set; }

    /// <summary>Number of output tokens, including reasoning.</summary>
    public long CompletionTokens { get; set; }

    /// <summary>True when the provider reported no usage, so that the edge counted the tokens.</summary>
    public bool IsEstimated { get; set; }

    /// <summary>The cost in US dollars. Null: the model has no price.</summary>
    public decimal? CostUsd
    {
        get => Picodollars is { } picodollars ? Storage.Picodollars.ToUsd(picodollars) : null;
        set => Picodollars = value is { } usd ? Storage.Picodollars.FromUsd(usd) : null;
    }

    /// <summary>Where the cost comes from. Default <see cref="CostSource.Prices"/>.</summary>
    public CostSource CostSource { get; set; }

    /// <summary>The cost in its stored form; see <see cref="Storage.Picodollars"/>.</summary>
    public long? Picodollars { get; set; }

    /// <summary>Time from the request's arrival to the response's first byte, in microseconds. Null: no response.</summary>
    public long? FirstByteMicroseconds { get; set; }

    /// <summary>Time from the request's arrival to its end, in microseconds.</summary>
    public required long DurationMicroseconds { get; set; }

    /// <summary>The part of the duration that the edge itself used, in microseconds. Excludes waits for the provider and the caller.</summary>
    public required long EdgeMicroseconds { get; set; }

    /// <summary>Number of attempts after the first.</summary>
    public int Retries { get; set; }

    /// <summary>The attempts at providers. Null: there was a single attempt, without problems.</summary>
    public IReadOnlyList<RequestAttempt>? Attempts { get; set; }

    /// <summary>The caller's address. Behind a trusted proxy, the address that the proxy reports.</summary>
    public string? ClientAddress { get; set; }

    /// <summary>The <c>X-Cencori-App</c> header, at most 64 characters.</summary>
    public string? App { get; set; }

    /// <summary>Id of the agent that the request ran as. Null: none.</summary>
    public string? AgentId { get; set; }

    /// <summary>Name of the prompt that replaced the request's system messages. Null: none.</summary>
    public string? Prompt { get; set; }

    /// <summary>The version of <see cref="Prompt"/>. Null: none.</summary>
    public long? PromptVersion { get; set; }

    /// <summary>Name of the project's route that the request used. Null: none.</summary>
    public string? Route { get; set; }

    /// <summary>Why the first choice was not used, as in <c>x-cencori-fallback</c>. Null: no fallback.</summary>
    public string? Fallback { get; set; }

    /// <summary>
    /// How prompt affinity chose among the targets (models at providers) of a route. <see cref="Pinned"/>: it preferred the target that probably has the prompt
    /// in its cache. <see cref="Control"/>: it ignored caches, for comparison. Null: no affinity.
    /// </summary>
    public string? Affinity { get; set; }

    /// <summary>Results of the project's policies. Null: there are no policies, or nothing was scanned.</summary>
    public RequestPolicy? Policy { get; set; }

    /// <summary>Creates an empty record. The caller fills it with values that were read from storage.</summary>
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
