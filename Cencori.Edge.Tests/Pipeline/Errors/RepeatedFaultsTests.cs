using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Network;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Pipeline.Errors;

/// <summary>
/// Callers and providers can repeat some faults very often. The edge logs such a fault once a minute, without a stack trace, and stores few records.
/// </summary>
public sealed class RepeatedFaultsTests(RespondingEdge at) : IClassFixture<RespondingEdge>
{
    private const int Times = 3;

    private static readonly string[] Domains = ["example.com"];
    private static readonly (string, string)[] Events = [("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked")];

    [Fact]
    public async Task An_unreachable_provider_logs_one_line()
    {
        foreach (var (provider, model, address) in new[] { ("openai", "gpt-4o", $"http://127.0.0.1:{LoopbackPort.Next()}/v1"), ("mistral", "mistral-small-latest", "http://no-such-host.invalid/v1") })
        {
            var project = await at.Edge.CreateProjectAsync();
            await at.Edge.StoreProviderKeyAsync(project, provider, baseUrl: address);
            var key = await at.Edge.CreateKeyAsync(project);
            await AssertOneLineAsync("ProviderFailed", provider, async () => Assert.Equal(503, (int)(await at.ChatAsync(key, ScriptedEdge.ChatOf(model))).StatusCode));
        }
    }

    [Theory]
    [InlineData("groq", "ProviderFailed")]
    [InlineData("deepseek", "EventStreamBroke")]
    [InlineData("xai", "CredentialRefused")]
    public async Task A_faulty_response_logs_one_line(string provider, string line)
    {
        var project = await at.Edge.CreateProjectAsync();
        await at.Edge.StoreProviderKeyAsync(project, provider, baseUrl: new Uri(at.Provider.Address, "v1").AbsoluteUri);
        var key = await at.Edge.CreateKeyAsync(project);
        foreach (var script in Scripts(line))
        {
            await AssertOneLineAsync(line, provider, isFirst: script == Scripts(line)[0], fail: async () =>
            {
                at.Provider.Enqueue((_, response) => script(response));
                try
                {
                    using var edgeResponse = await at.ChatAsync(key, ScriptedEdge.StreamedChat.Replace("gpt-4o", $"{provider}/x", StringComparison.Ordinal));
                }
                catch (HttpRequestException)
                {
                    // The provider's response breaks off, so the caller's response breaks off too.
                }
            });
        }
    }

    [Theory]
    [InlineData("POST /v1/audio/transcriptions", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n$\r\n--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-2\r\n--b--\r\n", "model")]
    [InlineData("POST /v1/chat/completions", "application/json", "{\"model\":", "JSON")]
    [InlineData("POST /v1/chat/completions", "text/plain", "{}", "application/json")]
    [InlineData("GARBAGE", "", "", "")]
    [InlineData("GET /v1/\u00fc", "", "", "")]
    [InlineData("TRACE /v1/models", "", "", "")]
    public async Task A_bad_request_logs_no_line(string request, string type, string body, string said)
    {
        body = body.Replace("$", new string('x', 100_000), StringComparison.Ordinal);
        var before = at.Edge.Logs.Lines.Count;
        for (var time = 0; time < Times; time++)
        {
            using var client = await RawClient.ConnectAsync(at.Edge);
            await client.SendAsync($"{request} HTTP/1.1\r\nHost: edge\r\nConnection: close\r\nAuthorization: Bearer {at.Key}\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n{body}");
            var (response, _) = await client.ReadToEndAsync();
            Assert.StartsWith("HTTP/1.1 4", response, StringComparison.Ordinal);
            Assert.Contains(said, response, StringComparison.Ordinal);
        }

        Assert.Empty(Lines(before));
    }

    [Fact]
    public async Task A_flood_of_refusals_leaves_ten_records_a_second_and_counts_them_all()
    {
        const int Refusals = 40;
        var project = await at.Edge.CreateProjectAsync("openai");
        var key = await at.Edge.CreateKeyAsync(project, "publishable", more: new { allowed_domains = Domains });
        var began = TimeProvider.System.GetUtcNow();
        for (var number = 0; number < Refusals; number++)
        {
            using var response = await at.ChatAsync(key, headers: ("Origin", "https://elsewhere.example"));
            Assert.Equal(403, (int)response.StatusCode);
        }

        var seconds = (int)(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - began.ToUnixTimeSeconds()) + 1;
        await Eventually.IsTrueAsync(async () =>
        {
            await at.Edge.Records().FlushAsync();
            return (await at.Edge.RollupsAsync()).Where(row => row.ProjectId == project).Sum(row => row.Requests) == Refusals;
        });
        Assert.InRange((await at.Edge.RowsOfAsync(project, 1)).Count, 1, 10 * seconds);
    }

    private static Func<ScriptedResponse, Task>[] Scripts(string line) => line switch
    {
        "CredentialRefused" => [response => response.JsonAsync(401, "{}")],
        "EventStreamBroke" =>
        [
            async response =>
            {
                await response.SendHeadAsync(200, Events);
                await response.SendChunkAsync("data: {}\n\n");
                await response.CloseAsync();
            },
            async response =>
            {
                await response.SendHeadAsync(200, Events);
                await response.SendAsync("zz\r\n");
                await response.CloseAsync();
            },
        ],
        _ =>
        [
            response => response.ResetAsync(),
            response => response.CloseAsync(),
            async response =>
            {
                await response.SendAsync($"{RunningEdge.ProviderKey} is no HTTP\r\n\r\n");
                await response.CloseAsync();
            },
            async response =>
            {
                await response.SendHeadAsync(200, ("Content-Type", "application/json"), ("Content-Length", "1000"));
                await response.SendAsync("{");
                await response.CloseAsync();
            },
            async response =>
            {
                await response.SendHeadAsync(200, ("Content-Type", "application/json"), ("Content-Encoding", "gzip"), ("Content-Length", "5"));
                await response.SendAsync("hello");
            },
            async response =>
            {
                await response.SendHeadAsync(200, ("ETag", "\u0001"), ("Content-Length", "2"));
                await response.SendAsync("{}");
            },
        ],
    };

    private async Task AssertOneLineAsync(string name, string provider, Func<Task> fail, bool isFirst = true)
    {
        var before = at.Edge.Logs.Lines.Count;
        for (var time = 0; time < Times; time++)
        {
            await fail();
        }

        // The line is written a moment after the response.
        if (isFirst)
        {
            await Eventually.IsTrueAsync(() => Lines(before).Count > 0);
        }

        var lines = Lines(before);
        Assert.True(lines.Count == (isFirst ? 1 : 0), string.Join('\n', lines));
        Assert.All(lines, line =>
        {
            Assert.Equal(name, line.EventName);
            Assert.Contains(provider, line.Text, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', line.Text);
            Assert.DoesNotContain(RunningEdge.ProviderKey, line.Text, StringComparison.Ordinal);
        });
    }

    private List<LogRecorder.LogLine> Lines(int before) => [.. at.Edge.Logs.Faults(before)];
}
