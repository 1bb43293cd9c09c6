using Cencori.Edge.Projects;
using Cencori.Edge.Routing.Health;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Redis;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;
using static Cencori.Edge.Tests.Routing.FleetEdge;

namespace Cencori.Edge.Tests.Redis;

/// <summary>A cool-down that one edge starts also applies on the other edge.</summary>
public sealed class SharedCoolingTests(TwoEdges edges, ITestOutputHelper output) : IClassFixture<TwoEdges>
{
    [RedisFact]
    public async Task A_refusal_seen_by_one_edge_spares_the_other_one()
    {
        var (project, key) = await edges.CreateAsync(new { });
        foreach (var (name, rank) in ((string, int)[])[("first", 0), ("second", 1)])
        {
            await edges.A.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider = "openai", apiKey = $"sk-shared-0123456789-{name}", name, rank });
        }

        await edges.A.SendAdminAsync(HttpMethod.Delete, $"/api/projects/{project}/provider-keys/openai");
        var refused = 0;
        edges.Provider.Respond((request, response) =>
        {
            var isFirst = request.Headers.Any(header => header.Value.EndsWith("-first", StringComparison.Ordinal));
            Interlocked.Add(ref refused, isFirst ? 1 : 0);
            return isFirst ? Refuse(429, ("Retry-After", "120"))(request, response) : RespondOk()(request, response);
        });
        Assert.Equal(200, await TwoEdges.ChatAsync(edges.A, key));
        Assert.Equal(1, Volatile.Read(ref refused));

        // The message is sent at once, but takes a moment to arrive.
        await Eventually.IsTrueAsync(async () =>
        {
            var before = Volatile.Read(ref refused);
            Assert.Equal(200, await TwoEdges.ChatAsync(edges.B, key));
            return Volatile.Read(ref refused) == before;
        });
        Assert.InRange(Volatile.Read(ref refused), 1, 2);
    }

    [RedisFact]
    public async Task B4_The_reason_and_length_of_a_cool_down_are_equal_on_both_edges()
    {
        foreach (var (status, body, reason, min, max) in ((int, string, string, int, int)[])[(429, "{}", "rate_limited", 30_000, 44_000), (401, "{}", "auth", 280_000, 300_000), (429, """{"error":{"code":"insufficient_quota"}}""", "quota", 280_000, 300_000)])
        {
            var (project, key) = await edges.CreateAsync(new { });
            await edges.A.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider = "openai", apiKey = "sk-shared-0123456789-another", name = "another", rank = 1 });
            edges.Provider.Respond((request, response) =>
                (request.Headers.Any(header => header.Value.EndsWith("-another", StringComparison.Ordinal)) ? RespondOk() : Say(status, body, ("Retry-After", "40")))(request, response));
            var began = TimeProvider.System.GetTimestamp();
            Assert.Equal(200, await TwoEdges.ChatAsync(edges.A, key));
            var path = $"/api/projects/{project}/targets";
            await Eventually.IsTrueAsync(async () => (await edges.B.SendAdminAsync(HttpMethod.Get, path))["targets"]!.AsArray().Count == 1);
            var left = (await edges.B.SendAdminAsync(HttpMethod.Get, path))["targets"]![0]!;
            Assert.Equal(("default", reason), ((string)left["name"]!, (string)left["reason"]!));

            // What has passed since then is no longer left.
            Assert.InRange((long)left["wait_ms"]!, min - TimeProvider.System.GetElapsedTime(began).TotalMilliseconds, max * 1.1);
        }
    }

    [RedisFact]
    public async Task A_cool_down_reaches_the_other_edge_within_a_tenth_of_a_second()
    {
        var (one, other) = (edges.A.Services.GetRequiredService<TargetTable>(), edges.B.Services.GetRequiredService<TargetTable>());
        await LatencyLimit.IsMetAsync(TimeSpan.FromMilliseconds(100), async () =>
        {
            var target = new Target($"cr_{Guid.NewGuid():n}", "gpt-4o", Version: "v");
            var started = TimeProvider.System.GetTimestamp();
            one.End(target, TargetOutcome.RateLimited, TimeSpan.FromSeconds(30), isProbe: false);
            await Eventually.IsTrueAsync(() => other.Cooling.WaitFor(target).Wait > TimeSpan.Zero);
            var took = TimeProvider.System.GetElapsedTime(started);
            output.WriteLine($"It took {took.TotalMilliseconds:0.0} ms.");
            return took;
        });
    }

    [RedisFact]
    public async Task Limits_of_a_credential_apply_across_both_edges()
    {
        var (project, key) = await edges.CreateAsync(new { });
        var id = (string)(await edges.A.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/provider-keys"))["providers"]![0]!["id"]!;
        await edges.A.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}/provider-keys/{id}", new { limits = new { requests_per_minute = 6 } });
        var arrived = 0;
        edges.Provider.Respond((request, response) =>
        {
            Interlocked.Increment(ref arrived);
            return RespondOk()(request, response);
        });
        var cache = edges.B.Services.GetRequiredService<ProjectCache>();
        await Eventually.IsTrueAsync(async () => (await cache.GetAsync(project))!.Credential("openai", KeyEnvironment.Production)!.Limits is not null);
        var began = TimeProvider.System.GetTimestamp();
        var statuses = await Task.WhenAll(Enumerable.Range(0, 20).Select(request => TwoEdges.ChatAsync(request % 2 == 0 ? edges.A : edges.B, key)));

        // Six permits, plus those that refill during the test. A permit refills in ten seconds, and requests do not wait that long.
        Assert.InRange(statuses.Count(status => status == 200), 6, 7 + (int)(TimeProvider.System.GetElapsedTime(began).TotalSeconds / 10));
        Assert.Equal(statuses.Count(status => status == 200), Volatile.Read(ref arrived));
        Assert.All(statuses, status => Assert.True(status is 200 or 429));
    }

    [RedisFact]
    public async Task F4_After_a_cool_down_each_edge_sends_at_most_one_probe()
    {
        const int Requests = 20;
        var (project, key) = await edges.CreateAsync(new { });
        await edges.A.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider = "openai", apiKey = "sk-shared-0123456789-other", name = "other", rank = 1 });
        var (requested, isWell, released) = (0, false, new TaskCompletionSource());
        edges.Provider.Respond(async (request, response) =>
        {
            if (!request.Headers.Any(header => header.Value.EndsWith("-other", StringComparison.Ordinal)))
            {
                Interlocked.Increment(ref requested);
                if (!Volatile.Read(ref isWell))
                {
                    await Refuse(429, ("retry-after-ms", "3000"))(request, response);
                    return;
                }

                await response.HoldAsync(released.Task);
            }

            await RespondOk()(request, response);
        });
        Assert.Equal(200, await TwoEdges.ChatAsync(edges.A, key));
        var path = $"/api/projects/{project}/targets";
        await Eventually.IsTrueAsync(async () => (await edges.B.SendAdminAsync(HttpMethod.Get, path))["targets"]!.AsArray().Count == 1);
        var refused = Volatile.Read(ref requested);
        Volatile.Write(ref isWell, true);
        foreach (var edge in (RunningEdge[])[edges.A, edges.B])
        {
            await Eventually.IsTrueAsync(async () => (await edge.SendAdminAsync(HttpMethod.Get, path))["targets"]!.AsArray().Count == 0);
        }

        // Requests that are no probe get their response from the other credential at once.
        var all = Enumerable.Range(0, Requests).SelectMany(_ => new[] { TwoEdges.ChatAsync(edges.A, key), TwoEdges.ChatAsync(edges.B, key) }).ToList();
        await Eventually.IsTrueAsync(() => all.Count(request => request.IsCompleted) == all.Count - 2);
        Assert.Equal(2, Volatile.Read(ref requested) - refused);
        released.SetResult();
        Assert.All(await Task.WhenAll(all), status => Assert.Equal(200, status));
        Assert.Equal(200, await TwoEdges.ChatAsync(edges.B, key));
        Assert.Equal(3, Volatile.Read(ref requested) - refused);
    }
}
