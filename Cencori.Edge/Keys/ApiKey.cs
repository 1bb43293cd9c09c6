using Cencori.Edge.Models;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Keys;

/// <summary>A project key as requests use it. Immutable except for the time of its last use.</summary>
public sealed class ApiKey
{
    // The time of last use is updated at most once per this interval. Otherwise a busy key would move its cache line between cores all the time.
    private static readonly long UseResolution = TimeSpan.FromSeconds(1).Ticks;
    private long _lastUsedTicks;

    public required string Id { get; init; }

    public required string ProjectId { get; init; }

    public required KeyType Type { get; init; }

    public required KeyEnvironment Environment { get; init; }

    /// <summary>Hosts from which a publishable key may be used; patterns as in <see cref="AllowedOrigin"/>.</summary>
    public required IReadOnlyList<string> AllowedDomains { get; init; }

    /// <summary>Models that the key may use. Null: every model.</summary>
    public required AllowedModels? AllowedModels { get; init; }

    /// <summary>Networks from which the key may be used. If the project has a list too, both must contain the caller's address. Null: every network.</summary>
    public AllowedNetworks? AllowedNetworks { get; init; }

    /// <summary>The agent of an agent key. Null for other keys.</summary>
    public string? AgentId { get; init; }

    public required DateTimeOffset? ExpiresAt { get; init; }

    public required bool IsRevoked { get; init; }

    public bool IsValidAt(DateTimeOffset now) => !IsRevoked && !(ExpiresAt <= now);

    /// <summary>Updates the time of last use, at most once a second. True: the time was updated and should be stored.</summary>
    public bool TryNoteUse(DateTimeOffset now)
    {
        var last = Volatile.Read(ref _lastUsedTicks);
        return now.UtcTicks - last >= UseResolution
            && Interlocked.CompareExchange(ref _lastUsedTicks, now.UtcTicks, last) == last;
    }
}
