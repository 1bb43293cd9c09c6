using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Pipeline.Streams;

/// <summary>Callers that disconnect before the end of the response.</summary>
public sealed class AbortTests(RespondingEdge openai) : IClassFixture<RespondingEdge>, IAsyncLifetime
{
    private string? _project;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => openai.Edge.AssertLedgerClosesAsync(_project!);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task The_provider_sees_a_callers_disconnect_within_a_second_and_the_slot_is_freed(bool midStream, bool reset)
    {
        // yarp trap 17, field traps 7 and 9
        await LatencyLimit.IsMetAsync(TimeSpan.FromSeconds(1), async () =>
        {
            var key = await OneAtATimeAsync();
            using var client = await BeginAsync(key, midStream);
            var received = await openai.Provider.NextRequestAsync();
            using (var second = await openai.ChatAsync(key))
            {
                Assert.Equal(429, (int)second.StatusCode);
            }

            var left = TimeProvider.System.GetTimestamp();
            Leave(client, reset);
            await received.Aborted.WaitAsync(Eventually.Timeout, TimeProvider.System);
            await AssertSlotIsFreeAsync(key);
            return TimeProvider.System.GetElapsedTime(left);
        });
    }

    [Fact]
    public async Task Fifty_abandoned_streams_hold_no_slot()
    {
        // field trap 7
        const int Slots = 50;
        var key = await LimitedToAsync(Slots);
        for (var round = 0; round < 2; round++)
        {
            // All slots are taken twice, so each of them was freed in between.
            var clients = new List<RawClient>();
            var received = new List<ReceivedRequest>();
            for (var i = 0; i < Slots; i++)
            {
                clients.Add(await BeginAsync(key, midStream: true));
                received.Add(await openai.Provider.NextRequestAsync());
            }

            using var refused = await openai.ChatAsync(key);
            Assert.Equal(429, (int)refused.StatusCode);
            clients.ForEach(client => Leave(client, reset: clients.IndexOf(client) % 2 == 0));
            await Task.WhenAll(received.Select(request => request.Aborted)).WaitAsync(Eventually.Timeout, TimeProvider.System);
        }
    }

    [Fact]
    public async Task A_caller_that_disconnects_while_it_sends_its_body_holds_no_slot_and_reaches_no_provider()
    {
        var key = await OneAtATimeAsync();
        var before = openai.Provider.Requests.Count;
        using (var client = await RawClient.ConnectAsync(openai.Edge))
        {
            await client.SendHeadAsync(key, "/v1/chat/completions", "application/json", "Content-Length: 500");
            await client.SendAsync("{\"model\":");
        }

        await AssertSlotIsFreeAsync(key);
        Assert.Equal(before + 1, openai.Provider.Requests.Count);
    }

    private static void Leave(RawClient client, bool reset)
    {
        if (reset)
        {
            client.Reset();
        }
        else
        {
            client.Dispose();
        }
    }

    private async Task<RawClient> BeginAsync(string key, bool midStream)
    {
        openai.Provider.Enqueue(async (_, response) =>
        {
            if (midStream)
            {
                await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
                await response.SendChunkAsync("data: {}\n\n");
            }

            await response.WaitForAbortAsync();
            await response.CloseAsync();
        });
        RawClient? begun = null;
        await Eventually.IsTrueAsync(async () =>
        {
            var client = await RawClient.ConnectAsync(openai.Edge);
            await client.PostAsync(key, "/v1/chat/completions", ScriptedEdge.StreamedChat);
            if (!midStream || (await client.ReadHeadAsync()).StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal))
            {
                begun = client;
                return true;
            }

            // A slot is still taken.
            client.Dispose();
            return false;
        });
        return begun!;
    }

    private Task<string> OneAtATimeAsync() => LimitedToAsync(1);

    private async Task<string> LimitedToAsync(int slots)
    {
        (_project, var key) = await openai.CreateAsync(new { concurrent_requests = slots });
        await openai.Edge.SetBudgetAsync(_project);
        return key;
    }

    // The provider may see the disconnect an instant before the edge has freed the slot.
    private Task AssertSlotIsFreeAsync(string key) => Eventually.IsTrueAsync(async () =>
    {
        using var response = await openai.ChatAsync(key);
        if (response.IsSuccessStatusCode)
        {
            await openai.Provider.NextRequestAsync();
            return true;
        }

        Assert.Equal(429, (int)response.StatusCode);
        return false;
    });
}
