namespace Cencori.Edge.Storage;

/// <summary>How a request ended.</summary>
public enum RequestOutcome
{
    /// <summary>The whole response reached the caller.</summary>
    Success,

    /// <summary>As <see cref="Success"/>, from another provider or model than the first choice.</summary>
    SuccessFallback,

    /// <summary>Refused by the edge or the provider, or broken off by the provider, or an error stands within its response.</summary>
    Error,

    /// <summary>Refused by the project's limits.</summary>
    RateLimited,

    /// <summary>Refused by a policy.</summary>
    Filtered,

    /// <summary>The caller left before the end.</summary>
    Cancelled,

    /// <summary>A copy of a caller's request that the edge has sent to another model, however that went. It is in no count of requests, and its tokens and cost are in all sums.</summary>
    Shadow,
}

/// <summary>Who says what a request has cost.</summary>
public enum CostSource
{
    /// <summary>Its usage, at the price of the list or of the project; or nobody, where there is no price.</summary>
    Prices,

    /// <summary>The provider, in its response.</summary>
    Provider,

    /// <summary>Nobody yet: the work goes on, what was set aside counts until its end is seen, and the request that sees it has the cost.</summary>
    Later,
}

/// <summary>What is kept of one request that came with a key that is known. No text of a prompt or a response; that is in <see cref="PayloadRecord"/>, if anywhere.</summary>
/// <remarks>Every member has its line in <see cref="RecordColumns"/>. Once it is handed on, nobody changes it.</remarks>
public sealed class RequestRecord
{
    /// <inheritdoc cref="Affinity"/>
    public const string Pinned = "pinned";

    /// <inheritdoc cref="Affinity"/>
    public const string Control = "control";

    /// <summary>The request's id as the caller saw it (<c>X-Request-Id</c>); a caller may repeat one.</summary>
    public required string RequestId { get; set; }

    public required DateTimeOffset StartedAt { get; set; }

    public required string ProjectId { get; set; }

    public required string KeyId { get; set; }

    public required KeyEnvironment Environment { get; set; }

    /// <summary>Method and route: <c>POST /v1/chat/completions</c>; <c>POST /v1/*</c> for a path that the edge only passes on.</summary>
    public required string Endpoint { get; set; }

    /// <summary>The model as the caller wrote it; null where the request names none.</summary>
    public string? ModelAsked { get; set; }

    /// <summary>The model as it was sent to the provider; null where nothing was sent.</summary>
    public string? ModelServed { get; set; }

    /// <summary>Null where no provider was chosen.</summary>
    public string? Provider { get; set; }

    /// <summary>The last characters of the credential that was used; null where none was.</summary>
    public string? CredentialHint { get; set; }

    public required bool IsStream { get; set; }

    /// <summary>HTTP status as sent to the caller; 499 where the caller left before it.</summary>
    public required int Status { get; set; }

    public required RequestOutcome Outcome { get; set; }

    /// <summary>The edge's error code; null where the edge had none of its own to tell.</summary>
    public string? ErrorCode { get; set; }

    /// <summary>Why a right was missing, as in the error's <c>reason</c>; <c>key_revoked</c> or <c>key_expired</c>, which no caller is told.</summary>
    public string? Reason { get; set; }

    /// <summary>The error's <c>param</c>: the limit, the field or the header that it is about.</summary>
    public string? Param { get; set; }

    /// <summary>The sentence that the caller got, where the edge refused. It holds no secret.</summary>
    public string? Message { get; set; }

    /// <summary>The provider's own id of the request, by which it can be asked about it; null where it told none.</summary>
    public string? ProviderRequestId { get; set; }

    /// <summary>Input tokens, cached ones included.</summary>
    public long PromptTokens { get; set; }

    /// <summary>Those of <see cref="PromptTokens"/> that the provider had cached.</summary>
    public long CachedTokens { get; set; }

    /// <summary>Output tokens, reasoning included.</summary>
    public long CompletionTokens { get; set; }

    /// <summary>The provider did not say, and the tokens were counted from what passed.</summary>
    public bool IsEstimated { get; set; }

    /// <summary>In US dollars; null where the model has no price.</summary>
    public decimal? CostUsd
    {
        get => Picodollars is { } picodollars ? Storage.Picodollars.ToUsd(picodollars) : null;
        set => Picodollars = value is { } usd ? Storage.Picodollars.FromUsd(usd) : null;
    }

    /// <summary>Default <see cref="CostSource.Prices"/>.</summary>
    public CostSource CostSource { get; set; }

    /// <summary>As it is stored; see <see cref="Storage.Picodollars"/>.</summary>
    public long? Picodollars { get; set; }

    /// <summary>From the request's arrival to the response's first byte, in microseconds; null where there was none.</summary>
    public long? FirstByteMicroseconds { get; set; }

    /// <summary>From the request's arrival to its end, in microseconds.</summary>
    public required long DurationMicroseconds { get; set; }

    /// <summary>What of the duration the edge itself took, in microseconds: not the provider's, and not the caller's.</summary>
    public required long EdgeMicroseconds { get; set; }

    /// <summary>Attempts after the first.</summary>
    public int Retries { get; set; }

    /// <summary>Null where there was one, without trouble.</summary>
    public IReadOnlyList<RequestAttempt>? Attempts { get; set; }

    /// <summary>The caller's address; behind a known proxy what it says.</summary>
    public string? ClientAddress { get; set; }

    /// <summary><c>X-Cencori-App</c>, at most 64 characters.</summary>
    public string? App { get; set; }

    /// <summary>Id of the agent that it ran as; null: it ran as none.</summary>
    public string? AgentId { get; set; }

    /// <summary>Name of the prompt that took the place of its system messages; null: there was none.</summary>
    public string? Prompt { get; set; }

    /// <summary>The version of <see cref="Prompt"/>; null where there was none.</summary>
    public long? PromptVersion { get; set; }

    /// <summary>The project's route that it went by; null: none.</summary>
    public string? Route { get; set; }

    /// <summary>Why another was asked than the first, as <c>x-cencori-fallback</c> tells it; null: the first was asked alone.</summary>
    public string? Fallback { get; set; }

    /// <summary>Of a route that keeps prompts: <see cref="Pinned"/>, it went where its beginning is cached while that could be asked, or <see cref="Control"/>, it went to whoever was chosen, to be compared with. Null: that did not matter.</summary>
    public string? Affinity { get; set; }

    /// <summary>What the project's policies had to say. Null: it has none, or nothing was looked at.</summary>
    public RequestPolicy? Policy { get; set; }

    /// <summary>One of which nothing is known yet, for who reads it back.</summary>
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
