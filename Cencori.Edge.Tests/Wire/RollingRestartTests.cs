using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Network;
using Cencori.Edge.Tests.Infrastructure.Redis;
using Xunit.Abstractions;

namespace Cencori.Edge.Tests.Wire;

/// <summary>Two edges on one database behind nginx are restarted one after the other, while requests and streams continue.</summary>
[Trait(Quiet.Trait, "nginx treats a slow edge as unavailable.")]
[Trait(SlowestTests.Trait, "Each of two edges drains for 5 s, and nginx retries it after 2 s.")]
public sealed class RollingRestartTests(ITestOutputHelper output, SharedRedis redis) : IClassFixture<SharedRedis>, IDisposable
{
    private const string Token = "a-token-that-only-tests-know";

    private static readonly TimeSpan BetweenRequests = TimeSpan.FromMilliseconds(10);

    private readonly string _directory = Directory.CreateTempSubdirectory("edge-process-").FullName;

    [NginxFact]
    public async Task No_request_fails_and_no_stream_is_cut()
    {
        var addresses = new[] { LoopbackPort.Next(), LoopbackPort.Next() }.Select(port => new Uri($"http://127.0.0.1:{port}")).ToArray();
        var edges = new EdgeProcess[2];
        edges[0] = await StartAsync(addresses[0]);
        edges[1] = await StartAsync(addresses[1]);
        try
        {
            await using var nginx = await Nginx.StartAsync(addresses[0], addresses[1]);
            using var http = await ConnectAsync(nginx.Address, addresses[0]);
            using var stop = new CancellationTokenSource();
            var requests = SendSteadilyAsync(http, stop.Token);
            var streams = Enumerable.Range(0, 20).Select(_ => StreamAsync(http, stop.Token)).ToList();

            for (var restarted = 0; restarted < edges.Length; restarted++)
            {
                Assert.Equal(0, await edges[restarted].StopAsync());
                Assert.Contains("Requests cut: 0.", edges[restarted].Output, StringComparison.Ordinal);
                await edges[restarted].DisposeAsync();
                edges[restarted] = await StartAsync(addresses[restarted]);
                await ReadyAsync(addresses[restarted], nginx.Address);
            }

            await stop.CancelAsync();
            try
            {
                var sent = await requests;
                var read = (await Task.WhenAll(streams)).Sum();
                output.WriteLine($"{sent} requests and {read} streams.");
                foreach (var address in addresses)
                {
                    using var admin = Administer(address);
                    await admin.AssertLedgerClosesAsync(await ProjectAsync(admin));
                }

                Assert.True(sent > 500 && read > 50, $"Only {sent} requests were sent, only {read} streams read.");
            }
            finally
            {
                output.WriteLine($"{nginx.Errors}\n{edges[0].Output}\n{edges[1].Output}");
            }
        }
        finally
        {
            await edges[0].DisposeAsync();
            await edges[1].DisposeAsync();
        }
    }

    public void Dispose() => RunDirectory.Delete(_directory);

    private async Task<EdgeProcess> StartAsync(Uri address)
    {
        await MigratedDatabase.PrepareAsync(_directory);
        var edge = EdgeProcess.Start(_directory, $"--urls={address}", $"--Admin:Token={Token}", "--Drain:GraceSeconds=5", $"--Redis:Configuration={redis.Configuration}", "--RateLimiting:RedisTimeout=00:00:05");
        await edge.ListeningAsync();
        return edge;
    }

    // The next edge is restarted only after the balancer sends requests to the previous one again. That takes one good response, and on a busy
    // machine the first responses of a process come late.
    private static async Task ReadyAsync(Uri edge, Uri balancer)
    {
        using var http = new HttpClient { BaseAddress = balancer };
        var good = 0;
        await Eventually.IsTrueAsync(async () =>
        {
            using var response = await http.GetAsync("/health/ready");
            good += response.IsSuccessStatusCode && response.Headers.GetValues(Nginx.AskedHeader).Single().EndsWith(edge.Authority, StringComparison.Ordinal) ? 1 : 0;
            return good == 5;
        });
    }

    /// <summary>A client of the balancer, with the key of a project without limits.</summary>
    private static async Task<HttpClient> ConnectAsync(Uri balancer, Uri edge)
    {
        using var admin = Administer(edge);
        var project = await ProjectAsync(admin);
        using var limits = await admin.PutAsync($"/api/projects/{project}/rate-limits", RunningEdge.Json(new { requests_per_minute = (int?)null, tokens_per_minute = (int?)null, concurrent_requests = (int?)null }));
        limits.EnsureSuccessStatusCode();
        using var prices = await admin.PutAsync($"/api/projects/{project}/prices", RunningEdge.Json(new { prices = new[] { new { provider = "sandbox", model = "*", input = 2, output = 8 } } }));
        prices.EnsureSuccessStatusCode();
        using var created = await admin.PostAsync($"/api/projects/{project}/api-keys", RunningEdge.Json(new { name = "k", key_type = "secret", environment = "test" }));
        var key = (string)JsonNode.Parse(await created.Content.ReadAsStringAsync())!["apiKey"]!["full_key"]!;
        var http = new HttpClient { BaseAddress = balancer };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return http;
    }

    private static HttpClient Administer(Uri edge)
    {
        var admin = new HttpClient { BaseAddress = edge };
        admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return admin;
    }

    private static async Task<string> ProjectAsync(HttpClient admin) => (string)JsonNode.Parse(await admin.GetStringAsync("/api/projects"))!["projects"]![0]!["id"]!;

    /// <returns>How many requests were sent. All of them succeeded.</returns>
    private static async Task<int> SendSteadilyAsync(HttpClient http, CancellationToken stop)
    {
        var responses = new List<Task>();
        using var timer = new PeriodicTimer(BetweenRequests, TimeProvider.System);
        while (!stop.IsCancellationRequested)
        {
            await timer.WaitForNextTickAsync(CancellationToken.None);
            responses.Add(ChatAsync(http, "gpt-4o", "Hello!", stream: false, "\"chat.completion\""));
        }

        await Task.WhenAll(responses);
        return responses.Count;
    }

    /// <returns>How many streams were read. All of them were complete.</returns>
    private static async Task<int> StreamAsync(HttpClient http, CancellationToken stop)
    {
        var streams = 0;
        for (; !stop.IsCancellationRequested; streams++)
        {
            await ChatAsync(http, "sandbox/slow", "one two three four", stream: true, "data: [DONE]\n\n");
        }

        return streams;
    }

    private static async Task ChatAsync(HttpClient http, string model, string text, bool stream, string expected)
    {
        using var body = RunningEdge.Json(new { model, stream, messages = new[] { new { role = "user", content = text } } });
        using var response = await http.PostAsync("/v1/chat/completions", body);
        var content = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {content}");
        Assert.Contains(expected, content, StringComparison.Ordinal);
    }
}
