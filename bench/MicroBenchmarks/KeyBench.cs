using BenchmarkDotNet.Attributes;
using Cencori.Edge.Keys;
using Cencori.Edge.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Bench.Micro;

/// <summary>Looks up a key from its text, with 10,000 keys stored and cached.</summary>
public class KeyBench
{
    private const int Keys = 10_000;

    private readonly string _key = ProjectKey.Generate("csk_");
    private readonly KeyHash[] _known = new KeyHash[Keys];
    private readonly KeyHash[] _unknown = new KeyHash[Keys];
    private WebApplication? _edge;
    private KeyCache? _cache;
    private int _next;

    [GlobalSetup(Targets = [nameof(Known), nameof(Unknown)])]
    public async Task StoreAsync()
    {
        _edge = await BenchEdge.PrepareAsync();
        _cache = _edge.Services.GetRequiredService<KeyCache>();
        await using var database = await _edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>().CreateDbContextAsync();
        var project = (await database.Projects.FirstAsync()).Id;
        for (var index = 0; index < Keys; index++)
        {
            _known[index] = KeyHash.Of(ProjectKey.Generate("csk_"));
            _unknown[index] = KeyHash.Of(ProjectKey.Generate("csk_"));
            database.ApiKeys.Add(Record(project, index, _known[index]));
        }

        await database.SaveChangesAsync();
        foreach (var hash in _known)
        {
            _ = await _cache.GetAsync(hash) ?? throw new InvalidOperationException("A stored key is not found.");
        }
    }

    [GlobalCleanup(Targets = [nameof(Known), nameof(Unknown)])]
    public ValueTask RemoveAsync() => BenchEdge.RemoveAsync(_edge!);

    [Benchmark(Description = "hash")]
    public KeyHash Hash() => KeyHash.Of(_key);

    [Benchmark(Description = "look-up, known")]
    public ValueTask<ApiKey?> Known() => _cache!.GetAsync(_known[Next()]);

    [Benchmark(Description = "look-up, unknown")]
    public ValueTask<ApiKey?> Unknown() => _cache!.GetAsync(_unknown[Next()]);

    private int Next() => _next = _next + 1 == Keys ? 0 : _next + 1;

    // Created yesterday, like most keys: the index checks recently created keys again and again.
    private static ApiKeyRecord Record(string project, int number, KeyHash hash) => new()
    {
        Id = $"key_{number:x32}",
        ProjectId = project,
        Hash = hash.ToArray(),
        KeyPrefix = "csk_0123",
        LastFour = "cdef",
        Name = "bench",
        Type = KeyType.Secret,
        Environment = KeyEnvironment.Production,
        CreatedAt = TimeProvider.System.GetUtcNow().AddDays(-1),
    };
}
