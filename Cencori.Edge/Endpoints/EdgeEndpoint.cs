using Cencori.Edge.Errors;

namespace Cencori.Edge.Endpoints;

/// <summary>One row of the endpoint table: all settings that depend on a request's method and route.</summary>
/// <param name="Name">Method and route as used in records and metrics: <c>POST /v1/chat/completions</c>, or <c>POST /v1/*</c> when the edge only forwards.</param>
/// <param name="Operation">The kind of work that the endpoint does.</param>
/// <param name="Errors">The format of error bodies.</param>
public sealed record EdgeEndpoint(string Name, Operation Operation, ErrorDialect Errors)
{
    /// <summary>
    /// The accepted key types: a name from <see cref="AccessPolicy"/>. Null when no key is needed. The built-in routes use this policy. If an operator sets
    /// another policy for a route in yarp.json, that policy applies.
    /// </summary>
    public string? Policy { get; init; }

    /// <summary>The request must name a model, because the model selects the provider. Default false.</summary>
    public bool NeedsModel { get; init; }

    /// <summary>A chat without messages is refused before it costs anything. Default false.</summary>
    public bool NeedsMessages { get; init; }

    /// <summary>The response has output tokens, so the edge reserves the request's output limit from the rate limit and budget. Default false.</summary>
    public bool HasOutput { get; init; }

    /// <summary>
    /// The response may report usage that this request pays for. Default false: reading a stored response, a batch or a file shows again the usage that
    /// another request has already paid for.
    /// </summary>
    public bool IsMetered { get; init; }

    /// <summary>The endpoint starts work that is billed after the response: a batch, a fine-tuning job. Default false.</summary>
    public bool BeginsBackgroundWork { get; init; }

    /// <summary>The response may show how work of an earlier request ended, and its usage. Default false.</summary>
    public bool ShowsBackgroundWork { get; init; }

    /// <summary>The path contains the id of an object that only one provider stores: see <see cref="EndpointTable.StoredId"/>. Default false.</summary>
    public bool HasStoredId { get; init; }

    /// <summary>The endpoint only counts tokens of a request and runs no model. Providers do not charge for it. Default false.</summary>
    public bool IsFree { get; init; }

    /// <summary>The format of the endpoint's event streams. Default: unknown.</summary>
    public EventDialect Events { get; init; }

    /// <summary>
    /// The model that runs is not named in the body: it comes from a file, a stored object or a session. A key that is limited to some models must not
    /// use this endpoint. Default false.
    /// </summary>
    public bool RunsUnnamedModel { get; init; }

    /// <summary>The path names the model, as Azure's clients write it: see <see cref="EndpointPath.Deployment"/>. Default false.</summary>
    public bool HasModelInPath { get; init; }

    /// <summary>
    /// The methods that the path supports. Set only if the request has another method: the edge then responds with 405. Default null: no 405.
    /// </summary>
    public string? AllowedMethods { get; init; }

    /// <summary>A path of the hosted product that the edge does not implement yet. No provider is called. Default false.</summary>
    public bool IsUnimplemented { get; init; }

    /// <summary>How the response is rewritten. Default: it is forwarded unchanged.</summary>
    public NativeShape Native { get; init; }

    /// <summary>The provider's path after <c>/v1</c>. Default null: the same path that the caller sent.</summary>
    public PathString? ProviderPath { get; init; }

    /// <summary>True for a native endpoint (/api/ai/…). Its request bodies have Cencori's own names for some fields, and may omit the model.</summary>
    public bool IsNative => ProviderPath is not null;

    /// <summary>
    /// At a native endpoint: the model of a request that names no model. Default null: the project's default model, which is a chat model and so does
    /// not fit every endpoint.
    /// </summary>
    public string? DefaultModel { get; init; }

    /// <summary>
    /// False for a path outside every base URL of the edge. The 404 error then asks whether the client's base URL lacks <c>/v1</c>. Default true.
    /// </summary>
    public bool IsBelowBaseUrl { get; init; } = true;

    /// <summary>Where the endpoint's requests carry the system prompt. Default: nowhere.</summary>
    public SystemPromptLocation System { get; init; }

    /// <summary>The endpoint stores uploads and runs no model. The edge forwards request bodies unread, up to the size limit of all bodies.</summary>
    public bool StoresFiles => Operation == Operation.Files;

    /// <summary>The provider stores nothing that a later request refers to, so any credential of the provider can serve the request.</summary>
    public bool IsStateless => Operation is Operation.Chat or Operation.Completions or Operation.Embeddings or Operation.Images or Operation.Audio or Operation.Moderations;

    /// <summary>The endpoint accepts only JSON, because the edge must read the body.</summary>
    public bool NeedsJson => NeedsModel || HasOutput;

    /// <summary>The endpoint's streams report usage when <c>stream_options</c> asks for usage: chat and the older completions.</summary>
    public bool HasStreamOptions => NeedsModel && HasOutput;
}
