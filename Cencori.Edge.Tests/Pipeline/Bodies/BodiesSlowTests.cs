using System.Net;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Tests.Pipeline.Bodies;

/// <summary>Clients that send slowly, stall or disconnect in the middle of a body take no slot and no request of a limit.</summary>
public class BodiesSlowTests
{
    private const string Chat = "/v1/chat/completions";
    private const string Json = "application/json";
    private const string Form = "multipart/form-data; boundary=b";

    [Fact]
    public async Task The_production_edge_keeps_Kestrels_own_data_rate()
    {
        await using var edge = await RunningEdge.StartAsync();

        var rate = edge.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.MinRequestBodyDataRate;

        Assert.Equal((240, TimeSpan.FromSeconds(5)), (rate?.BytesPerSecond, rate?.GracePeriod));
    }

    [Theory]
    [InlineData(Chat, Json, "{\"model\":")]
    [InlineData("/v1/audio/transcriptions", Form, "--b\r\nContent-Disposition: form-data; name=\"file\"")]
    public async Task A_stalled_body_gives_408_and_holds_no_slot(string path, string contentType, string start)
    {
        await using var provider = new ScriptedProvider();
        provider.Respond((_, response) => response.JsonAsync(200, "{}"));
        await using var edge = await StartWithShortTimeoutAsync(provider);
        var key = await CreateOneRequestKeyAsync(edge, requests: 2);
        using var client = await RawClient.ConnectAsync(edge);

        await client.SendHeadAsync(key, path, contentType, "Content-Length: 1000");
        await client.SendAsync(start);
        await RealTime.PassesAsync(TimeSpan.FromMilliseconds(300), "The edge must have read the headers and must be waiting for the body.");

        // Meanwhile another caller can use the project's only slot, and both of its requests.
        for (var i = 0; i < 2; i++)
        {
            using var other = await edge.PostAsync(key, Chat, """{"model":"gpt-4o","messages":[]}""");
            Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        }

        var edgeResponse = await client.ReadResponseAsync();
        Assert.Equal((408, "INVALID_REQUEST"), (edgeResponse.Status, edgeResponse.ErrorCode));
        Assert.Empty(edgeResponse.Headers["X-RateLimit-Limit"]);
        Assert.True(await client.IsClosedAsync());
        Assert.Equal(2, provider.Requests.Count);
        AssertNoErrors(edge);
    }

    [Fact]
    public async Task A_stalled_pass_through_body_frees_its_slot()
    {
        await using var provider = new ScriptedProvider();
        provider.Respond((_, response) => response.JsonAsync(200, "{}"));
        await using var edge = await StartWithShortTimeoutAsync(provider);
        var project = await edge.CreateProjectAsync("openai");
        await edge.SetLimitsAsync(project, new { concurrent_requests = 1 });
        var key = await edge.CreateKeyAsync(project);
        using var client = await RawClient.ConnectAsync(edge);

        await client.SendHeadAsync(key, "/v1/files", Form, "Content-Length: 1000");
        await client.SendAsync("--b\r\n");
        var edgeResponse = await client.ReadResponseAsync();

        Assert.Equal((408, "INVALID_REQUEST"), (edgeResponse.Status, edgeResponse.ErrorCode));
        using var next = await edge.PostAsync(key, Chat, """{"model":"gpt-4o","messages":[]}""");
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
        Assert.Single(provider.Requests);
        AssertNoErrors(edge);
    }

    [Theory]
    [InlineData(Chat, Json, "{\"model\":")]
    [InlineData("/v1/audio/transcriptions", Form, "--b\r\n")]
    [InlineData("/v1/files", Form, "--b\r\n")]
    public async Task A_client_that_disconnects_in_mid_body_reaches_no_provider_and_logs_no_error(string path, string contentType, string start)
    {
        await using var provider = new ScriptedProvider();
        provider.Respond((_, response) => response.JsonAsync(200, "{}"));
        await using var edge = await RunningEdge.StartAsync(provider);
        var key = await CreateOneRequestKeyAsync(edge, requests: path == "/v1/files" ? 2 : 1);

        foreach (var framing in new[] { "Content-Length: 1000", "Transfer-Encoding: chunked" })
        {
            using var client = await RawClient.ConnectAsync(edge);
            await client.SendHeadAsync(key, path, contentType, framing);
            await client.SendAsync(framing.StartsWith('C') ? start : $"{start.Length:x}\r\n{start}\r\n");
            client.Reset();
            if (path == "/v1/files")
            {
                break;
            }
        }

        // The edge notices the disconnect only after a moment. Then another request is admitted.
        using var limit = new CancellationTokenSource(Eventually.Timeout, TimeProvider.System);
        HttpStatusCode status;
        do
        {
            limit.Token.ThrowIfCancellationRequested();
            using var next = await edge.PostAsync(key, Chat, """{"model":"gpt-4o","messages":[]}""");
            status = next.StatusCode;
        }
        while (status == HttpStatusCode.TooManyRequests && path == "/v1/files");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Single(provider.Requests);
        AssertNoErrors(edge);
    }

    [Fact]
    public async Task Many_clients_that_disconnect_in_mid_body_log_no_error()
    {
        await using var provider = new ScriptedProvider();
        await using var edge = await RunningEdge.StartAsync(provider);
        var project = await edge.CreateProjectAsync("openai");
        await edge.SetLimitsAsync(project, new { });
        var key = await edge.CreateKeyAsync(project);

        // Repeated, because the disconnect rarely arrives in the microseconds before the request ends.
        for (var number = 0; number < 300; number++)
        {
            using var client = await RawClient.ConnectAsync(edge);
            await client.SendHeadAsync(key, Chat, Json, "Content-Length: 1000");
            await client.SendAsync("{\"model\":");
            await RealTime.PassesAsync(TimeSpan.FromMilliseconds(number % 3), "The reset must reach the request at a different moment each time.");
            client.Reset();
        }

        await Eventually.IsTrueAsync(async () =>
        {
            await edge.Records().FlushAsync();
            return (await edge.RowsAsync()).Count >= 100;
        });
        Assert.Empty(provider.Requests);
        AssertNoErrors(edge);
    }

    private static void AssertNoErrors(RunningEdge edge)
    {
        var errors = string.Join('\n', edge.Logs.Lines.Where(line => line.Level >= LogLevel.Error));
        Assert.True(errors.Length == 0, errors);
    }

    private static async Task<string> CreateOneRequestKeyAsync(RunningEdge edge, int requests = 1)
    {
        var project = await edge.CreateProjectAsync("openai");
        await edge.SetLimitsAsync(project, new { requests_per_minute = 1, burst = requests, concurrent_requests = 1 });
        return await edge.CreateKeyAsync(project);
    }

    private static Task<RunningEdge> StartWithShortTimeoutAsync(ScriptedProvider provider) => RunningEdge.StartAsync(
        [RunningEdge.Destination("openai", provider.Address)],
        builder => builder.Services.Configure<KestrelServerOptions>(kestrel =>
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(240, TimeSpan.FromSeconds(1.1))));
}
