namespace Cencori.Edge.Routing;

/// <summary>What an attempt tells of its target.</summary>
public enum TargetOutcome
{
    /// <summary>Nothing: the request was refused for what it is, or its caller has left.</summary>
    None,

    /// <summary>Its response has begun well, and may still break.</summary>
    Started,

    /// <summary>All of it came.</summary>
    Completed,
    RateLimited,

    /// <summary>The provider does not take the credential.</summary>
    CredentialRefused,

    /// <summary>The account may not do this, or the provider does not like what is said: nobody can tell which. Counted as failures are, and said of the model alone.</summary>
    Forbidden,

    /// <summary>The account's quota or money is used up, or it is closed: nobody can use the credential, whatever the model.</summary>
    QuotaSpent,

    /// <summary>The provider does not know the model, or not for this credential, or has no such endpoint.</summary>
    NotThere,

    /// <summary>It says that there is no such model for this credential, whatever the endpoint.</summary>
    NoSuchModel,

    /// <summary>The request is more than this account may have at once. Another may have more; that says nothing of smaller requests.</summary>
    TooMuch,

    /// <summary>The project's own limits of the credential have no room. Nobody was asked.</summary>
    Full,

    /// <summary>Nothing came for so long that another was asked in its place. Once is enough: each time costs a caller all that time.</summary>
    Silent,

    /// <summary>Errors of the provider's own, and connections that break or never come about.</summary>
    Failed,
}
