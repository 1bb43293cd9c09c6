using Cencori.Edge.Admin.Keys;

namespace Cencori.Edge.Dashboard.Keys;

/// <summary>The state of a key.</summary>
public enum KeyState
{
    Active,

    /// <summary>Another key has replaced this one by rotation. This key works until it expires.</summary>
    Rotating,
    Expired,
    Revoked,
}

/// <summary>A key with its state, and whether it should be rotated or is unused.</summary>
/// <param name="Key">The key, without its secret.</param>
/// <param name="Now">When the page was created.</param>
public sealed record KeyRow(ApiKeyView Key, DateTimeOffset Now)
{
    private static readonly TimeSpan UnusedFor = TimeSpan.FromDays(30);

    public KeyState State => Key.Revoked ? KeyState.Revoked
        : Key.ExpiresAt <= Now ? KeyState.Expired
        : Key.ReplacedBy is not null ? KeyState.Rotating
        : KeyState.Active;

    /// <summary>True: the edge accepts the key.</summary>
    public bool Works => State is KeyState.Active or KeyState.Rotating;

    /// <summary>True: the key is so old that it should be rotated.</summary>
    public bool IsDue => State == KeyState.Active && Key.RotationDue;

    /// <summary>True: the key was not used for 30 days.</summary>
    public bool IsUnused => State == KeyState.Active && Now - (Key.LastUsedAt ?? Key.CreatedAt) >= UnusedFor;

    /// <summary>The parts of the key that may be shown: prefix and last four characters.</summary>
    public string Shown => $"{Key.KeyPrefix}…{Key.LastFour}";
}
