namespace Cencori.Edge.Providers.Forwarding;

/// <summary>What a provider says it refuses a request for, beyond what its status says.</summary>
public enum RefusalCause
{
    /// <summary>Nothing that is known here: the status alone tells.</summary>
    Unknown,

    /// <summary>The account's quota, or its money, is used up, or the account is closed.</summary>
    QuotaSpent,

    /// <summary>The provider does not take the credential.</summary>
    Credential,

    /// <summary>There is no such model for this account, at whatever endpoint.</summary>
    Model,

    /// <summary>This request is too much for what the account has left, or may have at all; a smaller one need not be.</summary>
    TooMuch,

    /// <summary>What the request says, or how it says it.</summary>
    Request,

    /// <summary>The request, with its response, is longer than what the model reads and writes.</summary>
    TooLong,
}
