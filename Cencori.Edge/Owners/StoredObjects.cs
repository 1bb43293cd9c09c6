using System.Threading.Channels;
using BitFaster.Caching.Lru;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Owners;

/// <summary>
/// Remembers which provider and credential created an object, such as a stored response, whose id the caller received. Later requests for the object
/// must go to the same provider and credential.
/// </summary>
public sealed class StoredObjects(OwnedObjects objects, IDbContextFactory<EdgeDbContext> contexts, TimeProvider time) : BackgroundWriter
{
    private const int MaxRemembered = 10_000;
    private const int MaxUnwritten = 10_000;
    private const int BatchSize = 200;

    private static readonly TimeSpan BetweenWrites = TimeSpan.FromMilliseconds(500);

    // Cache time of ids that the database does not have, because callers may ask for them any number of times.
    private static readonly TimeSpan Unknown = TimeSpan.FromSeconds(5);

    private readonly ConcurrentLru<(string Project, KeyEnvironment Environment, string Id), StoredOwner> _owners = new(MaxRemembered);

    // Ids that a database lookup did not find, with the time of the lookup. Provider is null if the lookup covered all providers.
    private readonly ConcurrentLru<(string Project, KeyEnvironment Environment, string Id, string? Provider), long> _unknown = new(MaxRemembered);

    // If the channel is full, a new object is not stored. Requests for it then go to the provider that serves requests without a model.
    private readonly Channel<OwnedObjectRecord> _unwritten = Channel.CreateBounded<OwnedObjectRecord>(new BoundedChannelOptions(MaxUnwritten) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>
    /// Remembers the object at once, and writes it to the database in the background. An edge that does not find the object uses the target of requests
    /// without a model. If that is the wrong target, the database write completes before the method returns.
    /// </summary>
    /// <param name="stored">The object. It is already closed, because it has no later cost.</param>
    /// <param name="isNotDefaultTarget">True: requests without a model go to another provider or credential than the object's.</param>
    public Task AddAsync(OwnedObjectRecord stored, bool isNotDefaultTarget)
    {
        Remember(stored);
        if (isNotDefaultTarget)
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
            // The project has credentials for only one provider, so that provider must have the object.
            return candidates[0];
        }

        return candidates.Count == 0 ? null : (await ReadAsync(project, environment, id, candidates))?.Provider;
    }

    /// <summary>The credential of this provider that created the object. Null: unknown.</summary>
    public async ValueTask<string?> FindCredentialAsync(ProjectSnapshot project, KeyEnvironment environment, string provider, string id)
    {
        // An object in memory counts only if it belongs to this provider: two providers may give the same id to different objects.
        var owner = _owners.TryGet((project.Id, environment, id), out var known) && known.Provider == provider ? known : await ReadAsync(project, environment, id, [provider]);
        return owner?.CredentialId;
    }

    private async Task<StoredOwner?> ReadAsync(ProjectSnapshot project, KeyEnvironment environment, string id, List<string> providers)
    {
        // Objects that this edge has noted are found in memory. An object of another edge becomes visible after the cache time of unknown ids.
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
            // A stop request ends the delay early. The loop then writes the remaining objects before it ends.
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
        // Keyed by id, because a provider may use the same id twice, and a second row with the same key would fail.
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
            // Possible causes: one of the rows exists already, a project is deleted, or the database is unavailable. So the objects are stored one by one:
            // AddAsync of OwnedObjects handles each of these causes, and logs a failure.
            foreach (var stored in batch.Values)
            {
                await objects.AddAsync(stored);
            }
        }
    }
}
