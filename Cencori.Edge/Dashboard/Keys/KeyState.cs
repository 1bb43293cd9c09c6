using Cencori.Edge.Admin.Keys;

namespace Cencori.Edge.Dashboard.Keys;

/// <summary>What a key is good for now.</summary>
public enum KeyState
{
    Active,

    /// <summary>Another has taken its place, and it goes on until its expiry.</summary>
    Rotating,
    Expired,
    Revoked,
}

/// <summary>A key, and what somebody who looks after keys should notice of it.</summary>
/// <param name="Key">Without the key itself.</param>
/// <param name="Now">When the page was made.</param>
public sealed record KeyRow(ApiKeyView Key, DateTimeOffset Now)
{
    private static readonly TimeSpan UnusedFor = TimeSpan.FromDays(30);

    public KeyState State => Key.Revoked ? KeyState.Revoked
        : Key.ExpiresAt <= Now ? KeyState.Expired
        : Key.ReplacedBy is not null ? KeyState.Rotating
        : KeyState.Active;

    /// <summary>It is taken.</summary>
    public bool Works => State is KeyState.Active or KeyState.Rotating;

    /// <summary>So old that it should be replaced.</summary>
    public bool IsDue => State == KeyState.Active && Key.RotationDue;

    /// <summary>Perhaps nobody needs it.</summary>
    public bool IsUnused => State == KeyState.Active && Now - (Key.LastUsedAt ?? Key.CreatedAt) >= UnusedFor;

    /// <summary>As it may be shown: how it begins and how it ends.</summary>
    public string Shown => $"{Key.KeyPrefix}…{Key.LastFour}";
}
