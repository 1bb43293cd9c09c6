namespace Cencori.Edge.Providers.Forwarding;

/// <summary>Why an attempt ended.</summary>
public enum AttemptEnd
{
    /// <summary>It has not, or nobody knows.</summary>
    None,

    /// <summary>Its response came to its end, whatever the status.</summary>
    Completed,

    /// <summary>Its response could not be passed on, and the caller got an error in its place.</summary>
    Replaced,

    /// <summary>The provider refused it, and the caller has not heard of that: another was asked.</summary>
    PassedOver,

    /// <summary>No provider can have seen it.</summary>
    NeverSent,

    /// <summary>The provider broke off, was silent for too long, or sent what cannot be read.</summary>
    Failed,

    /// <summary>The caller left, or its body could not be read.</summary>
    CallerLeft,
}
