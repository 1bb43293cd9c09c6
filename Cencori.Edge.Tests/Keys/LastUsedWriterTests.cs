using Cencori.Edge.Keys;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Keys;

/// <summary>The stored times of the last use of keys.</summary>
public sealed class LastUsedWriterTests(ScriptedEdge scene) : IClassFixture<ScriptedEdge>, IDisposable
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _clock = new(Start);
    private readonly LogRecorder _logs = new();

    [Fact]
    public async Task A_use_is_stored_every_half_minute_and_at_shutdown()
    {
        using var writer = Writer(scene.Edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>());
        var key = await KeyAsync();
        await writer.StartAsync(CancellationToken.None);
        writer.Note(key);
        Assert.Null(await LastUsedAsync(key));

        // The writer starts its wait on another thread.
        await Eventually.IsTrueAsync(async () =>
        {
            _clock.Advance(LastUsedWriter.Interval);
            return await LastUsedAsync(key) == Start;
        });

        var last = _clock.GetUtcNow();
        writer.Note(key);
        await writer.StopAsync(CancellationToken.None);
        Assert.Equal(last, await LastUsedAsync(key));
    }

    [Fact]
    public async Task Uses_within_a_second_count_as_one()
    {
        using var writer = Writer(scene.Edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>());
        var key = await KeyAsync();
        writer.Note(key);
        _clock.Advance(TimeSpan.FromMilliseconds(999));
        writer.Note(key);
        await writer.FlushAsync();
        Assert.Equal(Start, await LastUsedAsync(key));

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        writer.Note(key);
        await writer.FlushAsync();
        Assert.Equal(Start.AddSeconds(1), await LastUsedAsync(key));
    }

    [Fact]
    public async Task A_later_use_stored_by_another_edge_stays_and_other_keys_are_not_changed()
    {
        var contexts = scene.Edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>();
        using var writer = Writer(contexts);
        var (first, second, other) = (await KeyAsync(), await KeyAsync(), await KeyAsync());
        await WriteAsync(first, Start.AddHours(1));
        await WriteAsync(second, Start.AddHours(-1));
        writer.Note(first);
        writer.Note(second);
        await writer.FlushAsync();
        Assert.Equal((Start.AddHours(1), Start, null), (await LastUsedAsync(first), await LastUsedAsync(second), await LastUsedAsync(other)));

        // A stored use is not stored again.
        await WriteAsync(second, Start.AddHours(-1));
        await writer.FlushAsync();
        Assert.Equal(Start.AddHours(-1), await LastUsedAsync(second));
    }

    [Fact]
    public async Task A_use_is_kept_while_the_database_is_unavailable()
    {
        var contexts = new Contexts(scene.Edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>()) { IsAway = true };
        using var writer = Writer(contexts);
        var key = await KeyAsync();
        writer.Note(key);
        await writer.TryFlushAsync();
        Assert.Contains(_logs.Lines, line => line.EventName == "CannotWriteLastUsed");
        await Assert.ThrowsAsync<TimeoutException>(writer.FlushAsync);

        contexts.IsAway = false;
        await writer.TryFlushAsync();
        Assert.Equal(Start, await LastUsedAsync(key));
    }

    public void Dispose() => _logs.Dispose();

    private LastUsedWriter Writer(IDbContextFactory<EdgeDbContext> contexts) => new(contexts, _clock, new Logger<LastUsedWriter>(new LoggerFactory([_logs])));

    private async Task<ApiKey> KeyAsync()
    {
        var response = await scene.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{scene.ProjectId}/api-keys", new { name = "used", key_type = "secret", environment = "production", allowed_domains = Array.Empty<string>() });
        return new()
        {
            Id = (string)response["apiKey"]!["id"]!, ProjectId = scene.ProjectId, Type = KeyType.Secret, Environment = KeyEnvironment.Production,
            AllowedDomains = [], AllowedModels = null, ExpiresAt = null, IsRevoked = false,
        };
    }

    private Task<DateTimeOffset?> LastUsedAsync(ApiKey key) => scene.Edge.ReadAsync(database => database.ApiKeys.Where(row => row.Id == key.Id).Select(row => row.LastUsedAt).SingleAsync());

    private Task<int> WriteAsync(ApiKey key, DateTimeOffset at) => scene.Edge.ReadAsync(database =>
        database.ApiKeys.Where(row => row.Id == key.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.LastUsedAt, (DateTimeOffset?)at)));

    private sealed class Contexts(IDbContextFactory<EdgeDbContext> inner) : IDbContextFactory<EdgeDbContext>
    {
        public bool IsAway { get; set; }

        public EdgeDbContext CreateDbContext() => IsAway ? throw new TimeoutException() : inner.CreateDbContext();
    }
}
