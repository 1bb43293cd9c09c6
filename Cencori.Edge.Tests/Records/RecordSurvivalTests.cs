using Cencori.Edge.Tests.Budgets;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Network;
using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.Records;

/// <summary>Edges and databases restart under load, and every response is recorded once.</summary>
[Trait(SlowestTests.Trait, "Edges and databases restart under load.")]
public sealed class RecordSurvivalTests(SharedRedis redis) : IClassFixture<SharedRedis>
{
    [Theory, OnSqlite, OnPostgres]
    public async Task Edges_restarted_in_turn_record_every_response(string system)
    {
        await using var place = await EdgePlace.CreateAsync(system);
        var addresses = new[] { LoopbackPort.Next(), LoopbackPort.Next() }.Select(port => $"http://127.0.0.1:{port}").ToArray();
        var edges = new[] { await place.StartAsync(addresses[0], redis.Configuration), await place.StartAsync(addresses[1], redis.Configuration) };
        try
        {
            await using var load = new SteadyLoad(await EdgePlace.UnlimitedKeyAsync(edges[0], hasBudget: false), addresses.Select(address => new Uri(address)));
            for (var restarted = 0; restarted < edges.Length; restarted++)
            {
                await load.WaitForResponsesAsync(100);
                Assert.Equal(0, await edges[restarted].StopAsync());
                await edges[restarted].DisposeAsync();
                edges[restarted] = await place.StartAsync(addresses[restarted], redis.Configuration);
            }

            await load.WaitForResponsesAsync(100);
            await load.StopAsync();
            await EdgePlace.AssertLedgerClosesAsync(edges);
            await Task.WhenAll(edges.Select(edge => edge.StopAsync()));
            await place.AssertRecordedAsync([.. (await load.StopAsync()).Keys]);
        }
        finally
        {
            await edges[0].DisposeAsync();
            await edges[1].DisposeAsync();
        }
    }

    [OwnPostgresFact]
    public async Task Every_response_is_recorded_across_a_restart_of_the_database()
    {
        await using var server = await OwnPostgres.StartAsync();
        await using var place = EdgePlace.On(server);
        await using var edge = await place.StartAsync();
        await using var load = new SteadyLoad(await EdgePlace.UnlimitedKeyAsync(edge), await edge.ListeningAsync());
        await load.WaitForResponsesAsync(100);
        await server.StopAsync();
        await load.WaitForResponsesAsync(200);
        await server.StartAgainAsync();
        await load.WaitForResponsesAsync(100);
        var completed = await load.StopAsync();
        await place.AssertRecordedAsync([.. completed.Keys]);
        await EdgePlace.AssertLedgerClosesAsync(edge);
        Assert.Equal(0, await edge.StopAsync());
    }
}
