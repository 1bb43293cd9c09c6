using Cencori.Edge.Tests.Budgets;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;

namespace Cencori.Edge.Tests.Records;

/// <summary>An edge is killed under load.</summary>
[Trait(Quiet.Trait, "Responses older than one second must be recorded.")]
[Trait(SlowestTests.Trait, "Edges restart under load.")]
public sealed class KilledEdgeTests
{
    private static readonly TimeSpan MayBeLost = TimeSpan.FromSeconds(1);

    [Theory, OnSqlite, OnPostgres]
    public async Task A_killed_edge_loses_at_most_the_last_second_even_with_a_slow_database(string system)
    {
        await using var place = await EdgePlace.CreateAsync(system);
        await using var killed = await place.StartAsync();
        await using var load = new SteadyLoad(await EdgePlace.UnlimitedKeyAsync(killed), await killed.ListeningAsync());
        await place.SlowDownAsync();
        await load.WaitForResponsesAsync(500);
        await RealTime.PassesAsync(MayBeLost, "Only responses that are older than this time must be recorded. On a busy machine, all responses may be newer without this wait.");
        var killing = TimeProvider.System.GetTimestamp();
        await killed.KillAsync();
        var due = (await load.StopAsync()).Where(response => TimeProvider.System.GetElapsedTime(response.Value, killing) > MayBeLost).Select(response => response.Key).ToList();

        await using var next = await place.StartAsync();
        Assert.True(due.Count > 50, $"Only {due.Count} of the requests were answered early enough.");
        await place.AssertRecordedAsync(due);
        await EdgePlace.AssertLedgerClosesAsync(next);
    }
}
