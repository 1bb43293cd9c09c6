using Cencori.Edge.Projects;

namespace Cencori.Edge.Routing;

/// <summary>Where a request would go by a route now, and why.</summary>
/// <param name="Route">The route's name.</param>
/// <param name="Rule">Place of the rule that fits, from 1. Null: none does.</param>
/// <param name="InputTokens">Of the request, estimated.</param>
/// <param name="OutputTokens">That its response may have at most.</param>
/// <param name="Targets">In the order of groups, targets and ranks.</param>
public sealed record RouteExplanation(string Route, int? Rule, long InputTokens, long OutputTokens, IReadOnlyList<ExplainedTarget> Targets);

/// <summary>What a target is for a request.</summary>
/// <param name="Group">From 1.</param>
/// <param name="Balance">Of the group.</param>
/// <param name="Model">As a caller would write it: <c>provider/model</c>.</param>
/// <param name="CredentialId">Null: it needs none, or there is none.</param>
/// <param name="Credential">Its name.</param>
/// <param name="State">Whether it can be asked.</param>
/// <param name="Why">What it is left alone for, from the list of <c>x-cencori-fallback</c>. Null: it is not.</param>
/// <param name="RetryAfterMs">For how long still; null: it is not left alone.</param>
/// <param name="Share">Of such requests, which would ask it first: 0 to 1.</param>
/// <param name="MostUsd">What the request can cost there, in US dollars. Null: nobody knows.</param>
public sealed record ExplainedTarget(
    int Group, RouteBalance Balance, string Model, string? CredentialId, string? Credential, ExplainedState State, string? Why, long? RetryAfterMs, double Share, decimal? MostUsd)
{
    /// <summary>It is a canary that has failed too often: why, and since when. Null: it is none, or does well.</summary>
    public StoppedCanary? Stopped { get; init; }
}

/// <summary>Whether a target can be asked.</summary>
public enum ExplainedState
{
    Ready,

    /// <summary>Its provider has said so, or has failed at it.</summary>
    LeftAlone,

    /// <summary>The project's own limits of the credential have no room.</summary>
    Full,

    /// <summary>A canary that has failed too often: the stable target has its share.</summary>
    Stopped,

    /// <summary>The operator has no such provider any more.</summary>
    UnknownProvider,

    /// <summary>The project has no credential for it in the key's environment that can be used.</summary>
    NoCredential,

    /// <summary>The key's models do not have it.</summary>
    NotAllowed,

    /// <summary>The request names another provider.</summary>
    OtherProvider,

    /// <summary>It cannot do what the request asks for.</summary>
    CannotDo,

    /// <summary>The request and its response are longer than what it reads and writes.</summary>
    TooLong,

    /// <summary>Vectors of one model say nothing to another's.</summary>
    OtherVectors,
}
