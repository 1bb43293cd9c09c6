using Cencori.Edge.Models;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Keys;

/// <summary>A project key as a request sees it. Immutable but for when it was last used.</summary>
public sealed class ApiKey
{
    // A key in steady use is noted once in this time, so that a hot key does not bounce one cache line between cores.
    private static readonly long UseResolution = TimeSpan.FromSeconds(1).Ticks;
    private long _lastUsedTicks;

    public required string Id { get; init; }

    public required string ProjectId { get; init; }

    public required KeyType Type { get; init; }

    public required KeyEnvironment Environment { get; init; }

    /// <summary>Hosts a publishable key may be used from; the contract's §2 has the patterns.</summary>
    public required IReadOnlyList<string> AllowedDomains { get; init; }

    /// <summary>Null: every model.</summary>
    public required AllowedModels? AllowedModels { get; init; }

    /// <summary>From where it may be used, beside what its project says. Null: from everywhere.</summary>
    public AllowedNetworks? AllowedNetworks { get; init; }

    /// <summary>As whom its requests run: there for an agent's key, and for no other.</summary>
    public string? AgentId { get; init; }

    public required DateTimeOffset? ExpiresAt { get; init; }

    public required bool IsRevoked { get; init; }

    public bool IsValidAt(DateTimeOffset now) => !IsRevoked && !(ExpiresAt <= now);

    /// <summary>Notes a use. True where it is new enough to be worth writing down.</summary>
    public bool TryNoteUse(DateTimeOffset now)
    {
        var last = Volatile.Read(ref _lastUsedTicks);
        return now.UtcTicks - last >= UseResolution
            && Interlocked.CompareExchange(ref _lastUsedTicks, now.UtcTicks, last) == last;
    }
}
