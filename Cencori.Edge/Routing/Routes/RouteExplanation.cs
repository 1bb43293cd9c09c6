using Cencori.Edge.Projects;

namespace Cencori.Edge.Routing.Routes;

/// <summary>Explains where a route would send a request now, and why.</summary>
/// <param name="Route">The route's name.</param>
/// <param name="Rule">Number of the matching rule, from 1. Null: no rule matches.</param>
/// <param name="InputTokens">Estimated input tokens of the request.</param>
/// <param name="OutputTokens">Maximum number of output tokens that the request allows.</param>
/// <param name="Targets">The targets, ordered by group, target and rank.</param>
public sealed record RouteExplanation(string Route, int? Rule, long InputTokens, long OutputTokens, IReadOnlyList<ExplainedTarget> Targets);

/// <summary>The state of a target for one request.</summary>
/// <param name="Group">Number of the group, from 1.</param>
/// <param name="Balance">How a target of the group is chosen.</param>
/// <param name="Model">The model as <c>provider/model</c>.</param>
/// <param name="CredentialId">The credential. Null: the target needs none, or the project has none.</param>
/// <param name="Credential">The name of the credential.</param>
/// <param name="State">Whether the request can be sent to the target now.</param>
/// <param name="Why">The reason of the cool-down, from the list of <c>x-cencori-fallback</c>. Null: the target does not cool down.</param>
/// <param name="RetryAfterMs">Rest of the cool-down in milliseconds. Null: the target does not cool down.</param>
/// <param name="Share">Share of requests like this one that would go to this target first: 0 to 1.</param>
/// <param name="MostUsd">The highest cost of the request at this target, in US dollars. Null: the price is unknown.</param>
public sealed record ExplainedTarget(
    int Group, RouteBalance Balance, string Model, string? CredentialId, string? Credential, ExplainedState State, string? Why, long? RetryAfterMs, double Share, decimal? MostUsd)
{
    /// <summary>The counts and the time of the stop, for a stopped canary. Null: the target is no canary, or is not stopped.</summary>
    public StoppedCanary? Stopped { get; init; }
}

/// <summary>Whether a request can be sent to a target now, or why not.</summary>
public enum ExplainedState
{
    Ready,

    /// <summary>The target cools down, because its provider said to wait or the target failed.</summary>
    LeftAlone,

    /// <summary>The project's own limits of the credential have no room.</summary>
    Full,

    /// <summary>The target is a canary that failed too often. The stable target gets the canary's share.</summary>
    Stopped,

    /// <summary>The operator no longer configures this provider.</summary>
    UnknownProvider,

    /// <summary>The project has no usable credential for the provider in the key's environment.</summary>
    NoCredential,

    /// <summary>The key's allowed models do not include the target.</summary>
    NotAllowed,

    /// <summary>The request names another provider.</summary>
    OtherProvider,

    /// <summary>The model cannot do what the request asks for.</summary>
    CannotDo,

    /// <summary>Input and output of the request exceed the model's context.</summary>
    TooLong,

    /// <summary>The target has another embedding model than the route's first target. Embeddings of different models cannot be compared.</summary>
    OtherVectors,
}
