using Cencori.Edge.Keys;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Keys;

public class KeyIndexTests
{
    /// <summary>Clocks of machines differ, and nobody restarts an edge because of a key.</summary>
    [Fact]
    public async Task A_key_that_another_edges_late_clock_dates_into_the_past_is_found_all_the_same()
    {
        await using var edge = await RunningEdge.StartAsync();
        var project = await edge.CreateProjectAsync();
        var contexts = edge.Services.GetRequiredService<IDbContextFactory<EdgeDbContext>>();
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddHours(1));
        var index = new KeyIndex(contexts, time);
        var unknown = KeyHash.Of(ProjectKey.Generate("csk_"));
        Assert.False(await index.MayExistAsync(unknown));

        var key = KeyHash.Of(await edge.CreateKeyAsync(project));
        time.Advance(TimeSpan.FromMinutes(1));

        Assert.True(await index.MayExistAsync(key));
        Assert.False(await index.MayExistAsync(unknown));
    }
}
