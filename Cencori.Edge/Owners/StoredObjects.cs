using System.Threading.Channels;
using BitFaster.Caching.Lru;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Owners;

/// <summary>
/// Remembers which provider and credential own an object, such as a response, whose id a response contained. Later requests for the object
/// must go there.
/// </summary>
public sealed class StoredObjects(OwnedObjects objects, IDbContextFactory<EdgeDbContext> contexts, TimeProvider time) : BackgroundWriter
{
    private const int MaxRemembered = 10_000;
    private const int MaxUnwritten = 10_000;
    private const int BatchSize = 200;

    private static readonly TimeSpan BetweenWrites = TimeSpan.FromMilliseconds(500);

    // Caches unknown ids, because callers may ask for them any number of times.
    private static readonly TimeSpan Unknown = TimeSpan.FromSeconds(5);

    private readonly ConcurrentLru<(string Project, KeyEnvironment Environment, string Id), StoredOwner> _owners = new(MaxRemembered);

    // Time of the last failed lookup at one provider, or at all of them.
    private readonly ConcurrentLru<(string Project, KeyEnvironment Environment, string Id, string? Provider), long> _unknown = new(MaxRemembered);

    // An object that does not fit is not stored. Requests for it go to the provider for requests without a model.
    private readonly Channel<OwnedObjectRecord> _unwritten = Channel.CreateBounded<OwnedObjectRecord>(new BoundedChannelOptions(MaxUnwritten) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>
    /// Remembers the object at once, and writes it to the database soon, without delay for the caller. If other edges would by default use
    /// another provider or credential for it, the write completes before the method returns.
    /// </summary>
    /// <param name="stored">The object, closed because nothing is to be paid for it.</param>
    /// <param name="isElsewhere">True: requests without a model go to another provider or credential.</param>
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

    /// <summary>Remembers an object that is in the database already.</summary>
    public void Remember(OwnedObjectRecord stored) => _owners.AddOrUpdate((stored.ProjectId, stored.Environment, stored.ObjectId), new(stored.Provider, stored.CredentialId));

    /// <summary>The provider that owns the object. Null: unknown.</summary>
    public async ValueTask<string?> FindProviderAsync(ProjectSnapshot project, KeyEnvironment environment, string id)
    {
        if (_owners.TryGet((project.Id, environment, id), out var known))
        {
            return known.Provider;
        }

        var candidates = project.Credentials.Where(credential => credential.Environment == environment).Select(credential => credential.Provider).Distinct().ToList();
        if (candidates.Count == 1)
        {
            // The only provider with credentials must have it.
            return candidates[0];
        }

        return candidates.Count == 0 ? null : (await ReadAsync(project, environment, id, candidates))?.Provider;
    }

    /// <summary>The credential with this provider that owns the object. Null: unknown.</summary>
    public async ValueTask<string?> FindCredentialAsync(ProjectSnapshot project, KeyEnvironment environment, string provider, string id)
    {
        // Two providers may give the same id to different objects.
        var owner = _owners.TryGet((project.Id, environment, id), out var known) && known.Provider == provider ? known : await ReadAsync(project, environment, id, [provider]);
        return owner?.CredentialId;
    }

    private async Task<StoredOwner?> ReadAsync(ProjectSnapshot project, KeyEnvironment environment, string id, List<string> providers)
    {
        // An object that this edge noted since is in memory. An object of another edge becomes visible after the short cache time.
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
            // On shutdown, writes the remaining objects once more.
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
        // A provider may use the same id twice.
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
            // One row exists already, its project is gone, or the database is away. Adds each object on its own, which handles and logs each case.
            foreach (var stored in batch.Values)
            {
                await objects.AddAsync(stored);
            }
        }
    }
}
