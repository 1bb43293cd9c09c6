namespace Cencori.Edge.Routing.Health;

/// <summary>The result of an attempt, as far as it says something about the target.</summary>
public enum TargetOutcome
{
    /// <summary>The result says nothing about the target: the provider refused the request itself, or the caller has left.</summary>
    None,

    /// <summary>The response has begun successfully. The stream may still break.</summary>
    Started,

    /// <summary>The whole response arrived.</summary>
    Completed,
    RateLimited,

    /// <summary>The provider refused the credential.</summary>
    CredentialRefused,

    /// <summary>The provider forbids this account or this content; the edge cannot distinguish the two. Counts as a failure, and only for the model.</summary>
    Forbidden,

    /// <summary>The account's quota or money is used up, or the account is closed: the credential works for no model.</summary>
    QuotaSpent,

    /// <summary>The provider does not have the model, does not offer it to this credential, or has no such endpoint.</summary>
    NotFound,

    /// <summary>The provider said that the model does not exist for this credential, at any endpoint.</summary>
    NoSuchModel,

    /// <summary>The request is larger than this account may send at once. Another account may allow more, and this account may accept smaller requests.</summary>
    ExceedsQuota,

    /// <summary>The target serves no requests of this kind, for example with tools. It may serve others.</summary>
    Unsupported,

    /// <summary>The project's own limits of the credential have no room. Nothing was sent.</summary>
    Full,

    /// <summary>No byte came within the first-byte timeout, so another target was asked. A single silence starts the cool-down, because each one costs a caller the whole timeout.</summary>
    Silent,

    /// <summary>The provider's own errors, and connections that break or fail.</summary>
    Failed,
}
