using Cencori.Edge.Errors;

namespace Cencori.Edge.Endpoints;

/// <summary>One row of the endpoint table: everything that depends on a request's method and route.</summary>
/// <param name="Name">Method and route, as records and metrics have it: <c>POST /v1/chat/completions</c>; <c>POST /v1/*</c> where the edge only passes on.</param>
/// <param name="Operation">What is wanted.</param>
/// <param name="Errors">How errors are written.</param>
public sealed record EdgeEndpoint(string Name, Operation Operation, ErrorDialect Errors)
{
    /// <summary>
    /// What a key's type must allow: an <see cref="AccessPolicy"/>; null where no key decides. The routes that the edge brings along ask
    /// just this; an operator may let a route of yarp.json ask another, which then decides.
    /// </summary>
    public string? Policy { get; init; }

    /// <summary>Without a model there is no provider to choose. Default false.</summary>
    public bool NeedsModel { get; init; }

    /// <summary>A chat without messages is refused before it costs anything. Default false.</summary>
    public bool NeedsMessages { get; init; }

    /// <summary>The response has tokens, so an output bound is reserved. Default false.</summary>
    public bool HasOutput { get; init; }

    /// <summary>
    /// The response may tell of usage that this request pays for. Default false: what only reads a stored response, a batch or a file
    /// would tell of usage that another request has paid for, at every look.
    /// </summary>
    public bool IsMetered { get; init; }

    /// <summary>It begins what is paid for later than it is answered: a batch, a fine-tuning job. Default false.</summary>
    public bool BeginsBackgroundWork { get; init; }

    /// <summary>Its response may show how something ended that an earlier request began, and what that has used. Default false.</summary>
    public bool ShowsBackgroundWork { get; init; }

    /// <summary>Its path names what an earlier answer has told the id of, which one provider has: see <see cref="EndpointTable.StoredId"/>. Default false.</summary>
    public bool NamesStored { get; init; }

    /// <summary>It only counts what a request would use: providers take nothing for it. Default false.</summary>
    public bool IsFree { get; init; }

    /// <summary>What its streams of events are like. Default: nobody here knows.</summary>
    public EventDialect Events { get; init; }

    /// <summary>
    /// What it runs stands elsewhere than in its body's model: in a file, in what is stored, in a session. A key that is limited to some
    /// models must not ask for it. Default false.
    /// </summary>
    public bool RunsUntoldModel { get; init; }

    /// <summary>The path names the model, as Azure's clients have it: see <see cref="EndpointPath.Deployment"/>. Default false.</summary>
    public bool HasModelInPath { get; init; }

    /// <summary>The methods that its path has, where the request came with another. No provider is asked for it. Default null.</summary>
    public string? AllowedMethods { get; init; }

    /// <summary>It is a path of the hosted product, at which nothing is here yet. No provider is asked for it. Default false.</summary>
    public bool IsUnimplemented { get; init; }

    /// <summary>How its answers are told where that is not as the provider tells them. Default: as the provider does.</summary>
    public NativeShape Native { get; init; }

    /// <summary>The path by which providers know it, after <c>/v1</c>. Default null: the one that the caller wrote.</summary>
    public PathString? ProviderPath { get; init; }

    /// <summary>It is at the native endpoint, whose requests have names of their own for some fields and may leave out the model.</summary>
    public bool IsNative => ProviderPath is not null;

    /// <summary>
    /// The model of a request that names none, where a project's default, which is for conversations, would be none for it. Default null:
    /// the project's.
    /// </summary>
    public string? UsualModel { get; init; }

    /// <summary>False where an unknown path is most likely a wrong base URL. Default true.</summary>
    public bool IsBelowBaseUrl { get; init; } = true;

    /// <summary>Where its requests tell the model how to behave. Default: nowhere.</summary>
    public SystemPromptLocation System { get; init; }

    /// <summary>It keeps what is sent and runs no model: its bodies pass unread, however large.</summary>
    public bool StoresFiles => Operation == Operation.Files;

    /// <summary>Its provider keeps nothing that a later request is about: any of its accounts will do.</summary>
    public bool IsStateless => Operation is Operation.Chat or Operation.Completions or Operation.Embeddings or Operation.Images or Operation.Audio or Operation.Moderations;

    /// <summary>Where the edge must be able to read the body, it takes JSON and nothing else.</summary>
    public bool NeedsJson => NeedsModel || HasOutput;

    /// <summary>Its streams tell usage where <c>stream_options</c> ask for it: those of the chat and the older completions.</summary>
    public bool HasStreamOptions => NeedsModel && HasOutput;
}
