namespace Cencori.Edge.Providers.Forwarding.Refusals;

/// <summary>Why a provider rejects a request, in more detail than the HTTP status.</summary>
public enum RefusalCause
{
    /// <summary>No known cause. The edge decides by the HTTP status alone.</summary>
    Unknown,

    /// <summary>The account's quota or balance is used up, or the account is closed.</summary>
    QuotaSpent,

    /// <summary>The provider rejects the credential.</summary>
    Credential,

    /// <summary>This account has no such model, at any endpoint.</summary>
    Model,

    /// <summary>This request needs more than the account has left, or more than the account may ever use. The provider may accept a smaller request.</summary>
    ExceedsQuota,

    /// <summary>The model serves no requests of this kind, for example with tools. It may serve others.</summary>
    Unsupported,

    /// <summary>The content or the form of the request is at fault.</summary>
    Request,

    /// <summary>The request and its output are longer than the model's context window.</summary>
    TooLong,
}
