using Cencori.Edge.Hosting;
using Cencori.Edge.Keys;
using Cencori.Edge.Memory;
using Cencori.Edge.Memory.Search;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Startup;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Bench.Quality;

/// <summary>The memory of a separate edge, on SQLite in a temporary directory.</summary>
internal sealed class RunningMemory : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("bench-quality-");
    private readonly WebApplication _app;
    private MemoryCaller? _who;

    private RunningMemory()
    {
        _app = Program.Build(["--urls=http://127.0.0.1:0", $"--Storage:DataDirectory={_directory.FullName}", "--Logging:LogLevel:Default=Warning", "--Memory:MaxVectorMegabytes=2000", "--Memory:CacheMegabytes=1000"]);
    }

    /// <summary>Bytes of memory that cached vectors use.</summary>
    public long CacheBytes => _app.Services.GetRequiredService<VectorCache>().Bytes;

    private MemoryStore Store => _app.Services.GetRequiredService<MemoryStore>();

    public static async Task<RunningMemory> StartAsync()
    {
        var memory = new RunningMemory();
        await Welcome.PrepareAsync(memory._app.Services);
        await memory._app.StartAsync();
        await using var database = await memory._app.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync();
        var id = await database.Projects.OrderBy(project => project.CreatedAt).Select(project => project.Id).FirstAsync();
        var key = new ApiKey
        {
            Id = "bench",
            ProjectId = id,
            Environment = KeyEnvironment.Test,
            Type = KeyType.Secret,
            AllowedDomains = [],
            AllowedModels = null,
            ExpiresAt = null,
            IsRevoked = false,
        };
        memory._who = new MemoryCaller(new Caller(key, (await memory._app.Services.GetRequiredService<ProjectCache>().GetAsync(id))!), null, null);
        return memory;
    }

    /// <summary>Stores entries with their vectors in a new namespace.</summary>
    /// <returns>The namespace's id.</returns>
    public async Task<string> StoreAsync(IReadOnlyList<Entry> entries, float[][] vectors)
    {
        var space = await CreateAsync(vectors[0].Length);
        await AddAsync(space, [.. entries.Zip(vectors, (entry, vector) => new NewMemory(NamedIn(space.Id, entry), entry.Text, null, null, vector))]);
        return space.Id;
    }

    /// <summary>Creates an empty namespace.</summary>
    public async Task<MemoryNamespaceRecord> CreateAsync(int dimensions)
    {
        var tenant = _who!.Tenant;
        var id = $"{MemoryStore.NamespacePrefix}{Guid.CreateVersion7():N}";
        var space = new MemoryNamespaceRecord
        {
            ProjectId = tenant.ProjectId,
            Environment = tenant.Environment,
            Id = id,
            Name = id,
            EmbeddingModel = EmbeddingModels.DefaultModel,
            Dimensions = dimensions,
            CreatedAt = TimeProvider.System.GetUtcNow(),
        };
        await Store.TryCreateAsync(space, CancellationToken.None);
        return space;
    }

    /// <summary>Stores entries that already have ids.</summary>
    public async Task AddAsync(MemoryNamespaceRecord space, IReadOnlyList<NewMemory> memories)
    {
        if (await Store.AddAsync(space, memories, CancellationToken.None) is { Outcome: not AddOutcome.Added and var outcome })
        {
            throw new InvalidOperationException($"Not stored: {outcome}.");
        }
    }

    /// <summary>The full ids of a search's results, best first.</summary>
    public async Task<IReadOnlyList<string>> SearchAsync(string space, MemoryOrder order, string question, float[] vector, int limit)
    {
        var query = new MemoryQuery(question, limit) { Order = order, Vector = vector, Threshold = 0 };
        var (found, error) = await _app.Services.GetRequiredService<MemorySearch>().FindAsync(_who!, space, query, CancellationToken.None);
        return found is null ? throw new InvalidOperationException(error!.Message) : [.. found.Results.Select(result => result.Row.Id)];
    }

    /// <summary>The entry ids of a search's results, best first.</summary>
    public async Task<IEnumerable<string>> SearchAsync(string space, MemoryOrder order, string question, float[] vector) =>
        (await SearchAsync(space, order, question, vector, Ndcg.Depth)).Select(id => id[NamedIn(space, new("", "")).Length..]);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    // Entry ids are unique per project, so the namespace is part of them.
    private static string NamedIn(string space, Entry entry) => $"{NewMemory.IdPrefix}{space}_{entry.Id}";
}
