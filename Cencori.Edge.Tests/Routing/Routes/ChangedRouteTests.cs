using System.Text.Json.Nodes;
using Cencori.Edge.Projects;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using Microsoft.Extensions.DependencyInjection;
using static Cencori.Edge.Tests.Routing.FleetEdge;
using static Cencori.Edge.Tests.Routing.RouteFleet;

namespace Cencori.Edge.Tests.Routing.Routes;

/// <summary>Routes and credentials that change while attempts are running.</summary>
public sealed class ChangedRouteTests(RouteFleet fleet) : IClassFixture<RouteFleet>
{
    private const int Requests = 200;
    private const int AtOnce = 8;

    private static readonly string Fast = ScriptedEdge.ChatOf("fast");

    [Fact]
    public async Task Changes_during_attempts_lose_no_request_and_double_none()
    {
        var failing = 0;
        var (project, key, accounts) = await fleet.CreateRouteAsync(null, async (request, response) =>
        {
            await response.PauseAsync(TimeSpan.FromMilliseconds(2));
            // Fewer failures than the retry budget allows for, in any order.
            await (Interlocked.Increment(ref failing) % 8 == 0 ? Refuse(500) : RespondOk())(request, response);
        }, RespondOk());
        using var over = new CancellationTokenSource();
        var changing = ChangeAsync(project, over.Token);

        var responses = new List<int>[AtOnce];
        await Parallel.ForAsync(0, AtOnce, async (worker, _) =>
        {
            responses[worker] = [];
            for (var request = 0; request < Requests / AtOnce; request++)
            {
                using var edgeResponse = await fleet.ChatAsync(key, Fast);
                responses[worker].Add((int)edgeResponse.StatusCode);
            }
        });
        await over.CancelAsync();
        var changes = await changing;

        Assert.True(changes > 5, $"There were only {changes} changes.");
        Assert.All(responses.SelectMany(worker => worker), status => Assert.Equal(200, status));
        var records = await fleet.Edge.RowsOfAsync(project, Requests);
        var reported = records.SelectMany(record => record.Attempts?.Select(attempt => attempt.Target) ?? [$"{record.Provider}/{record.ModelServed}"]).CountBy(target => target).ToDictionary();
        Assert.Equal(Requests, records.Count);
        Assert.Equal(accounts.Select(account => account.Count), Enumerable.Range(0, accounts.Length).Select(place => reported.GetValueOrDefault($"{Names[place]}/{ModelOf(place)}")));
    }

    [Fact]
    public async Task A_credential_deleted_during_a_request_finishes_it_and_gets_no_later_one()
    {
        var released = new TaskCompletionSource();
        var (project, key, accounts) = await fleet.CreateRouteAsync(null, async (request, response) =>
        {
            await released.Task;
            await RespondOk()(request, response);
        }, RespondOk());
        var asking = fleet.ChatAsync(key, Fast);
        await Eventually.IsTrueAsync(() => accounts[0].Count == 1);
        await fleet.Edge.SendAdminAsync(HttpMethod.Delete, $"/api/projects/{project}/provider-keys/openai");
        released.SetResult();

        using (var edgeResponse = await asking)
        {
            Assert.Equal((200, "openai"), ((int)edgeResponse.StatusCode, Header(edgeResponse, "x-cencori-provider")));
        }

        using var next = await fleet.ChatAsync(key, Fast);
        Assert.Equal((200, "groq"), ((int)next.StatusCode, Header(next, "x-cencori-provider")));
        Assert.Equal([1, 1], accounts.Select(account => account.Count));
    }

    // Returns the number of changes.
    private async Task<int> ChangeAsync(string project, CancellationToken over)
    {
        var cache = fleet.Edge.Services.GetRequiredService<ProjectCache>();
        var first = (await cache.GetAsync(project))!.Credentials.Single(credential => credential.Provider == Names[0]).Id;
        var changes = 0;
        for (; !over.IsCancellationRequested; changes++)
        {
            await fleet.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}/provider-keys/{first}", new { enabled = changes % 3 != 0, limits = changes % 2 == 0 ? null : new { concurrent_requests = 100 } });
            await fleet.SetRouteAsync(project, "fast", new JsonObject { ["attempts"] = (changes % 2) + 2, ["groups"] = new JsonArray(Group(Target(0)), Group(Target(1))) });
        }

        return changes;
    }
}
