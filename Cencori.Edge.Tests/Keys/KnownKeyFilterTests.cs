using Cencori.Edge.Keys;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Keys;

public sealed class KnownKeyFilterTests(ScriptedEdge scene) : IClassFixture<ScriptedEdge>
{
    private readonly Contexts _contexts = new(scene.Edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>());

    private readonly KeyHash _unknown = KeyHash.Of(ProjectKey.Generate("csk_"));

    // One hour ahead of the edge that creates the keys.
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow().AddHours(1));

    /// <summary>The clocks of machines differ. A new key must work on every edge without a restart.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_key_dated_into_the_past_by_a_late_clock_is_found_within_a_minute_despite_unknown_keys(int times)
    {
        var index = Index();
        Assert.False(await index.MayExistAsync(_unknown));
        var key = await KeyAsync();

        for (var requested = 1; requested <= times; requested++)
        {
            _time.Advance(TimeSpan.FromMinutes(1) / times);
            Assert.False(await index.MayExistAsync(_unknown));
        }

        Assert.True(await index.MayExistAsync(key));
    }

    [Fact]
    public async Task Unknown_keys_cause_one_read_per_interval()
    {
        var index = Index();
        Assert.False(await index.MayExistAsync(_unknown));
        Assert.Equal(1, _contexts.Reads);

        _time.Advance(KnownKeyFilter.RefreshInterval - TimeSpan.FromMilliseconds(1));
        Assert.False(await index.MayExistAsync(_unknown));
        Assert.Equal(1, _contexts.Reads);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => index.MayExistAsync(_unknown).AsTask())), Assert.False);
        Assert.Equal(2, _contexts.Reads);
    }

    [Fact]
    public async Task Unknown_keys_do_not_flood_an_unavailable_database()
    {
        var index = Index();
        var key = await KeyAsync();
        _contexts.IsAway = true;
        for (var stranger = 0; stranger < 20; stranger++)
        {
            await Assert.ThrowsAsync<IOException>(() => index.MayExistAsync(_unknown).AsTask());
        }

        Assert.Equal(1, _contexts.Reads);
        _contexts.IsAway = false;
        _time.Advance(KnownKeyFilter.RefreshInterval);
        Assert.True(await index.MayExistAsync(key));
    }

    private KnownKeyFilter Index() => new(_contexts, _time);

    private async Task<KeyHash> KeyAsync() => KeyHash.Of(await scene.Edge.CreateKeyAsync(scene.ProjectId));

    private sealed class Contexts(IDbContextFactory<EdgeDbContext> inner) : IDbContextFactory<EdgeDbContext>
    {
        private int _reads;

        public int Reads => Volatile.Read(ref _reads);

        /// <summary>While true, every read fails.</summary>
        public bool IsAway { get; set; }

        public EdgeDbContext CreateDbContext()
        {
            Interlocked.Increment(ref _reads);
            return IsAway ? throw new IOException("The database is away.") : inner.CreateDbContext();
        }
    }
}
