namespace Cencori.Edge.Providers.Forwarding;

/// <summary>Why an attempt ended.</summary>
public enum AttemptEnd
{
    /// <summary>In progress, or unknown.</summary>
    None,

    /// <summary>The response reached its end, with any status.</summary>
    Completed,

    /// <summary>The response could not be passed on, and the caller got an error instead.</summary>
    Replaced,

    /// <summary>The provider rejected the request, and the edge asked another target. The caller does not see the rejection.</summary>
    PassedOver,

    /// <summary>No provider can have seen the request.</summary>
    NeverSent,

    /// <summary>The provider broke off, was silent for too long, or sent something unreadable.</summary>
    Failed,

    /// <summary>The caller disconnected, or the caller's body could not be read.</summary>
    CallerLeft,
}
