using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit.Abstractions;
using static Cencori.Edge.Tests.Routing.RouteFleet;
using Script = System.Func<
    Cencori.Edge.Tests.Infrastructure.Providers.ReceivedRequest,
    Cencori.Edge.Tests.Infrastructure.Providers.ScriptedResponse,
    System.Threading.Tasks.Task>;

namespace Cencori.Edge.Tests.Routing.Routes;

/// <summary>
/// Streams through a route while one account is rate limited, one provider never responds, one stalls after its response head and one breaks mid-stream.
/// Callers that have received no content yet still get a response. The records match the upstream requests one to one. Where usage was reported, their
/// costs match to the nanodollar. No other test may run at the same time, because the first byte has a real timeout of one second.
/// </summary>
[Collection(nameof(Alone))]
[Trait(SlowestTests.Trait, "A storm lasts several seconds.")]
public sealed class RouteStormTests(RouteFleet fleet, ITestOutputHelper output) : IClassFixture<RouteFleet>
{
    private const int AtOnce = 16;

    // Most concurrent requests per credential.
    private const int UnderWay = 8;

    private static readonly int Requests = int.Parse(Environment.GetEnvironmentVariable("CENCORI_TEST_STORM") ?? "400", CultureInfo.InvariantCulture);
    private static readonly TimeSpan FirstByte = TimeSpan.FromSeconds(1);
    private static readonly string Chat = ScriptedEdge.StreamedChat.Replace("gpt-4o", "fast", StringComparison.Ordinal);

    // For each account, the number of responses in which it has reported usage.
    private readonly int[] _told = new int[6];

    [Fact]
    public async Task Callers_without_content_are_answered_and_every_attempt_is_on_the_bill()
    {
        var (project, key, accounts) = await StartAsync();
        var (responses, started) = (new ConcurrentBag<(string Text, TimeSpan Took)>(), TimeProvider.System.GetTimestamp());
        await Parallel.ForEachAsync(Enumerable.Range(0, Requests), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (_, left) =>
        {
            var began = TimeProvider.System.GetTimestamp();
            var text = "";
            try
            {
                using var response = await fleet.ChatAsync(key, Chat);
                text = await response.Content.ReadAsStringAsync(left);
            }
            catch (TaskCanceledException)
            {
                // The client's timeout is over.
            }

            responses.Add((text, TimeProvider.System.GetElapsedTime(began)));
        });
        var length = TimeProvider.System.GetElapsedTime(started);

        var good = responses.Count(response => response.Text.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal));
        var begun = responses.Count(response => response.Text.Contains("\"hi\"", StringComparison.Ordinal));
        var upstream = accounts.Sum(account => account.Count);
        var slowest = responses.Select(response => response.Took).Order().ElementAt(Requests * 99 / 100);
        output.WriteLine($"{Requests} requests in {length.TotalSeconds:F1} s: {good} good, {begun - good} broken after they had begun, {Requests - begun} failed; {upstream} upstream ({string.Join(", ", accounts.Select(account => account.Count))}); p99 {slowest.TotalMilliseconds:F0} ms");

        foreach (var text in responses.Select(response => response.Text).Where(text => !text.Contains("\"hi\"", StringComparison.Ordinal)))
        {
            output.WriteLine(text);
        }

        foreach (var line in fleet.Edge.Logs.Lines.Where(line => line.Level >= LogLevel.Error))
        {
            output.WriteLine(line.Text);
        }

        foreach (var record in (await fleet.Edge.RowsOfAsync(project, Requests)).Where(record => record.Outcome is not (RequestOutcome.Success or RequestOutcome.SuccessFallback) && record.Attempts is not [{ Target: "deepseek/model-of-deepseek" }]))
        {
            output.WriteLine($"{record.Outcome} after {record.DurationMicroseconds / 1000} ms, {record.FirstByteMicroseconds} us to the first byte, by {record.Provider}: {RequestAttempt.Write(record.Attempts)}");
        }

        // Two targets never send content. Each fails a few times before its cool-down, and a request that meets both has used its only retry.
        Assert.InRange(Requests - begun, 0, Math.Max(4, Requests / 1_000));
        Assert.InRange(upstream, Requests, (Requests * 1.2) + 10 + (2 * length.TotalSeconds));
        Assert.InRange(slowest, TimeSpan.Zero, (FirstByte * 1.1) + TimeSpan.FromSeconds(Requests > 1_000 ? 0.1 : 2.5));
        await AssertBillsAsync(project, accounts);
        await AssertNothingIsHeldAsync(project);
    }

    private async Task AssertNothingIsHeldAsync(string project)
    {
        var levels = fleet.Edge.Services.GetRequiredService<ILimitLevels>();
        foreach (var credential in (await fleet.Edge.Services.GetRequiredService<ProjectCache>().GetAsync(project))!.Credentials)
        {
            Assert.NotNull(credential.Limits);
            await Eventually.IsTrueAsync(async () => (await levels.ReadAsync(credential.LimitsId, credential.Limits!, CancellationToken.None)).Slots == 0);
        }
    }

    private async Task AssertBillsAsync(string project, FleetEdge.Account[] accounts)
    {
        var records = await fleet.Edge.RowsOfAsync(project, Requests);
        Assert.Equal(Requests, records.Count);
        var attempts = records.SelectMany(record => record.Attempts ?? [new RequestAttempt { Number = 1, Target = record.Provider!, CredentialHint = record.CredentialHint, Started = 0, Outcome = "completed", Status = record.Status, CostUsd = record.CostUsd, Estimated = record.IsEstimated }]).ToList();
        foreach (var (place, account) in accounts.Index())
        {
            var its = attempts.FindAll(attempt => attempt.CredentialHint == account.Secret[^4..]);
            var counted = its.Count(attempt => attempt is { Estimated: false, CostUsd: > 0 });
            Assert.Equal(counted * CostOf(place), its.Where(attempt => !attempt.Estimated).Sum(attempt => attempt.CostUsd ?? 0));

            // On a busy machine the edge may give up an attempt that the account has not read yet, or one whose response the account sends whole all the same.
            var givenUp = its.Count(attempt => attempt is { Estimated: true, Status: null });
            Assert.InRange(account.Count, its.Count - givenUp, its.Count);
            await Eventually.IsTrueAsync(() => Volatile.Read(ref _told[place]) >= counted);
            Assert.InRange(_told[place] - counted, 0, givenUp);
            Assert.All(its, attempt => Assert.NotNull(attempt.CostUsd));
        }

        Assert.All(records.Where(record => record.Attempts is not null), record => Assert.Equal(record.CostUsd, record.Attempts!.Sum(attempt => attempt.CostUsd)));

        await fleet.Edge.AssertLedgerClosesAsync(project);
    }

    private async Task<(string ProjectId, string Key, FleetEdge.Account[] Accounts)> StartAsync()
    {
        var (project, key, _) = await fleet.CreateAsync();
        FleetEdge.Account[] accounts =
        [
            await fleet.AddAccountAsync(project, Names[0], Waiting(), "waiting"),
            await fleet.AddAccountAsync(project, Names[0], Good(1), "good"),
            await fleet.AddAccountAsync(project, Names[0], Good(2), "second"),
            await fleet.AddAccountAsync(project, Names[1], static (_, response) => response.WaitForAbortAsync()),
            await fleet.AddAccountAsync(project, Names[2], Stalling()),
            await fleet.AddAccountAsync(project, Names[3], Dying()),
        ];
        foreach (var credential in (await fleet.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/provider-keys"))["providers"]!.AsArray())
        {
            await fleet.Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}/provider-keys/{credential!["id"]}", new { limits = new { concurrent_requests = UnderWay, tokens_per_minute = 1_000_000_000 } });
        }

        await fleet.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/prices", new { prices = Names.Select((provider, place) => new { provider, model = ModelOf(place), input = place + 1, output = (place + 1) * 10, from = "2026-01-01" }) });
        await fleet.Edge.SetBudgetAsync(project);
        await fleet.SetRouteAsync(project, "fast", new JsonObject
        {
            ["first_byte_seconds"] = (int)FirstByte.TotalSeconds,
            ["groups"] = new JsonArray(Group(Weighted(0, 3), Weighted(1, 1), Weighted(2, 1), Weighted(3, 1))),
        });
        return (project, key, accounts);
    }

    private static JsonObject Weighted(int place, int weight)
    {
        var target = Target(place);
        target["weight"] = weight;
        return target;
    }

    // Three input tokens, one output token.
    private static decimal CostOf(int account) => account switch { < 3 => 1, _ => account - 1 } * 13e-6m;

    private static Script Waiting() => FleetEdge.Refuse(429, ("Retry-After", "2"));

    private Script Good(int place) => async (_, response) =>
    {
        await BeginAsync(response);
        await response.SendChunkAsync("data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1,\"total_tokens\":4}}\n\ndata: [DONE]\n\n");
        await response.EndChunksAsync();
        Interlocked.Increment(ref _told[place]);
    };

    private static Script Stalling() => async (_, response) =>
    {
        await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
        await response.WaitForAbortAsync();
    };

    private static Script Dying() => async (_, response) =>
    {
        await BeginAsync(response);
        await response.ResetAsync();
    };

    private static async Task BeginAsync(ScriptedResponse response)
    {
        await response.SendHeadAsync(200, ("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"));
        await response.SendChunkAsync("data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}\n\n");
    }
}
