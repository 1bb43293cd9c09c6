using System.Collections.Concurrent;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory;

/// <summary>
/// Does for namespaces what nobody waits for: takes away what has expired or was deleted, embeds what has no vector yet, and builds the next
/// generation of vectors. Any edge may go on where another has stopped.
/// </summary>
internal sealed partial class MemoryUpkeep(
    MemoryStore store, MemoryEmbedder embedder, VectorCache cache, ProjectCache projects, DatabaseStartup startup, TimeProvider time, ILogger<MemoryUpkeep> logger)
    : BackgroundService
{
    /// <summary>Time between two rounds.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    /// <summary>What records have in the place of a key's id.</summary>
    public const string KeyId = "memory";

    private const int AtOnce = 64;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim _woken = new(0, 1);
    private readonly ConcurrentDictionary<string, (TimeSpan Pause, DateTimeOffset Until)> _failing = new(StringComparer.Ordinal);

    /// <summary>There is something to do now.</summary>
    /// <param name="namespaceId">For this one. Null: for some.</param>
    public void Wake(string? namespaceId = null)
    {
        if (namespaceId is not null)
        {
            _failing.TryRemove(namespaceId, out _);
        }

        try
        {
            _woken.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    /// <summary>One round.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        cache.Trim();
        var (deleted, expired) = await store.WithGoneAsync(cancellation);
        foreach (var space in deleted)
        {
            await cache.DropAsync(space.Id);
            await store.ClearAsync(space, cancellation);
        }

        foreach (var space in expired)
        {
            while (await store.ExpireAsync(space, cancellation) > 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }
        }

        foreach (var space in await store.ToEmbedAsync(cancellation))
        {
            if (IsDue(space) && await store.LeaseAsync(space, null, cancellation) is { } lease)
            {
                var work = new Work(space) { Lease = lease };
                try
                {
                    await EmbedAsync(work, cancellation);
                }
                finally
                {
                    await store.EndLeaseAsync(space, work.Lease);
                }
            }
        }
    }

    public override void Dispose()
    {
        _woken.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAny(Task.Delay(Interval, time, stoppingToken), _woken.WaitAsync(stoppingToken));
            try
            {
                if (startup.IsPrepared && !stoppingToken.IsCancellationRequested)
                {
                    await RunAsync(stoppingToken);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                Log.Failed(logger, exception.GetType().Name);
            }
            catch (Exception)
            {
                return;
            }
        }
    }

    private async Task EmbedAsync(Work work, CancellationToken cancellation)
    {
        var space = work.Space;
        if (space.HasUnembedded && await EmbedAsync(work, space.Generation, space.EmbeddingModel, space.Dimensions, cancellation))
        {
            await store.SettleAsync(space, cancellation);
        }

        // What is stored meanwhile has no vector of the next generation.
        while (space is { NextModel: { } model, NextDimensions: { } dimensions }
            && await EmbedAsync(work, space.Generation + 1, model, dimensions, cancellation)
            && !await store.TrySwitchAsync(space, cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
        }
    }

    // A provider that is away is asked less and less often.
    private bool IsDue(MemoryNamespaceRecord space) => !_failing.TryGetValue(space.Id, out var failing) || failing.Until <= time.GetUtcNow();

    private void NoteFault(MemoryNamespaceRecord space)
    {
        var pause = _failing.TryGetValue(space.Id, out var failing) ? failing.Pause * 2 : Interval;
        pause = pause < LongestPause ? pause : LongestPause;
        _failing[space.Id] = (pause, time.GetUtcNow() + pause);
    }

    // False: not all of them.
    private async Task<bool> EmbedAsync(Work work, int generation, string model, int dimensions, CancellationToken cancellation)
    {
        var space = work.Space;
        if (await projects.GetAsync(space.ProjectId) is not { } project)
        {
            return false;
        }

        var who = new MemoryCaller(new Caller(KeyOf(space), project), space.AgentId is { } id ? project.Agents.GetValueOrDefault(id) : null, null);
        var after = (string?)null;
        while (true)
        {
            var some = await store.WithoutVectorAsync(space, generation, after, AtOnce, cancellation);
            if (some.Count == 0)
            {
                return true;
            }

            var embedded = await embedder.EmbedAsync(who, model, dimensions, [.. some.Select(memory => memory.Content)], cancellation);
            if (embedded.Vectors is not { } vectors)
            {
                NoteFault(space);
                await store.NoteFaultAsync(space, embedded.Error!.Message, cancellation);
                return false;
            }

            _failing.TryRemove(space.Id, out _);
            if (!await store.AddVectorsAsync(space, generation, [.. some.Zip(vectors, (memory, vector) => (memory.Id, vector))], cancellation)
                || await store.LeaseAsync(space, work.Lease, cancellation) is not { } lease)
            {
                return false;
            }

            (after, work.Lease) = (some[^1].Id, lease);
        }
    }

    private static ApiKey KeyOf(MemoryNamespaceRecord space) => new()
    {
        Id = KeyId,
        ProjectId = space.ProjectId,
        Type = KeyType.Secret,
        Environment = space.Environment,
        AllowedDomains = [],
        AllowedModels = null,
        ExpiresAt = null,
        IsRevoked = false,
    };

    private sealed record Work(MemoryNamespaceRecord Space)
    {
        public required DateTimeOffset Lease { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(370, LogLevel.Warning, "What is to be done for namespaces of memory could not be done ({Fault}); it is tried again.", EventName = "MemoryUpkeepFailed")]
        public static partial void Failed(ILogger logger, string fault);
    }
}
