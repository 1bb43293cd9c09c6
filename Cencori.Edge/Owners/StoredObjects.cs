using System.Threading.Channels;
using BitFaster.Caching.Lru;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Owners;

/// <summary>
/// Which provider has what a response has told the id of, such as a response, and with which credential: what is done to that later is for
/// those that have it.
/// </summary>
public sealed class StoredObjects(OwnedObjects objects, IDbContextFactory<EdgeDbContext> contexts, TimeProvider time) : BackgroundWriter
{
    private const int MaxRemembered = 10_000;
    private const int MaxUnwritten = 10_000;
    private const int BatchSize = 200;

    private static readonly TimeSpan BetweenWrites = TimeSpan.FromMilliseconds(500);

    // Callers may name what nobody has noted as often as they like.
    private static readonly TimeSpan Unknown = TimeSpan.FromSeconds(5);

    private readonly ConcurrentLru<(string Project, KeyEnvironment Environment, string Id), StoredOwner> _owners = new(MaxRemembered);

    // When it was looked for in vain, by the one provider, or by all of them.
    private readonly ConcurrentLru<(string Project, KeyEnvironment Environment, string Id, string? Provider), long> _unknown = new(MaxRemembered);

    // What has no room is looked for where requests without a model go.
    private readonly Channel<OwnedObjectRecord> _unwritten = Channel.CreateBounded<OwnedObjectRecord>(new BoundedChannelOptions(MaxUnwritten) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>
    /// Remembers it at once. It is written down soon, and costs its caller nothing; where another edge would not look for it at that provider
    /// by itself, or not with that credential, it is written down when this ends.
    /// </summary>
    /// <param name="stored">Closed, as nothing is to be paid for it.</param>
    /// <param name="isElsewhere">Requests that name nothing go to another provider, or with another credential.</param>
    public Task NoteAsync(OwnedObjectRecord stored, bool isElsewhere)
    {
        Remember(stored);
        if (isElsewhere)
        {
            return objects.AddAsync(stored);
        }

        _unwritten.Writer.TryWrite(stored);
        return Task.CompletedTask;
    }

    /// <summary>Likewise of what is written down already.</summary>
    public void Remember(OwnedObjectRecord stored) => _owners.AddOrUpdate((stored.ProjectId, stored.Environment, stored.ObjectId), new(stored.Provider, stored.CredentialId));

    /// <summary>Null: nobody knows.</summary>
    public async ValueTask<string?> FindProviderAsync(ProjectSnapshot project, KeyEnvironment environment, string id)
    {
        if (_owners.TryGet((project.Id, environment, id), out var known))
        {
            return known.Provider;
        }

        var candidates = project.Credentials.Where(credential => credential.Environment == environment).Select(credential => credential.Provider).Distinct().ToList();
        if (candidates.Count == 1)
        {
            // It can be nowhere else, whichever provider is the default.
            return candidates[0];
        }

        return candidates.Count == 0 ? null : (await ReadAsync(project, environment, id, candidates))?.Provider;
    }

    /// <summary>The credential with this provider that has it. Null: nobody knows.</summary>
    public async ValueTask<string?> FindCredentialAsync(ProjectSnapshot project, KeyEnvironment environment, string provider, string id)
    {
        // Two providers may give the same id to different things.
        var owner = _owners.TryGet((project.Id, environment, id), out var known) && known.Provider == provider ? known : await ReadAsync(project, environment, id, [provider]);
        return owner?.CredentialId;
    }

    private async Task<StoredOwner?> ReadAsync(ProjectSnapshot project, KeyEnvironment environment, string id, List<string> providers)
    {
        // Whoever has noted it since at this edge has remembered it; at another edge it is known here a moment later.
        var key = (project.Id, environment, id, providers.Count == 1 ? providers[0] : null);
        if (_unknown.TryGet(key, out var at) && time.GetElapsedTime(at) < Unknown)
        {
            return null;
        }

        var owner = await objects.FindOwnerAsync(project.Id, environment, id, providers);
        if (owner is not null)
        {
            _owners.AddOrUpdate((project.Id, environment, id), owner);
        }
        else
        {
            _unknown.AddOrUpdate(key, time.GetTimestamp());
        }

        return owner;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        do
        {
            // Told to stop, it writes what there is once more.
            await Task.Delay(BetweenWrites, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (_unwritten.Reader.TryPeek(out _))
            {
                await WriteAsync();
            }
        }
        while (!stoppingToken.IsCancellationRequested);
    }

    private async Task WriteAsync()
    {
        // Providers may give an id twice.
        var batch = new Dictionary<(string, string, KeyEnvironment, string), OwnedObjectRecord>();
        while (batch.Count < BatchSize && _unwritten.Reader.TryRead(out var stored))
        {
            batch[(stored.ProjectId, stored.Provider, stored.Environment, stored.ObjectId)] = stored;
        }

        try
        {
            await using var database = await contexts.CreateDbContextAsync();
            database.OwnedObjects.AddRange(batch.Values);
            await database.SaveChangesAsync();
        }
        catch (Exception)
        {
            // One is there already, its project is gone, or the database is away: each for itself can be helped, and that is told of there.
            foreach (var stored in batch.Values)
            {
                await objects.AddAsync(stored);
            }
        }
    }
}
