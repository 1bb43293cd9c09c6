using System.Globalization;
using System.Net.Http.Headers;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Data.Sqlite;

namespace Cencori.Edge.Tests.Hosting;

/// <summary>SIGTERM while streams are open.</summary>
[Trait(SlowestTests.Trait, "Processes start, and drain for seconds.")]
public sealed class TerminationTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("edge-process-").FullName;

    [Fact]
    public async Task A_stream_that_outlives_the_grace_is_complete_and_requests_within_it_succeed()
    {
        await MigratedDatabase.PrepareAsync(_directory);
        await using var edge = EdgeProcess.Start(_directory, "--urls=http://127.0.0.1:0", "--Drain:GraceSeconds=5");
        using var http = await ConnectAsync(edge);
        using var stream = await ChatAsync(http, "sandbox/slow", string.Join(' ', Enumerable.Repeat("word", 48)));
        var text = stream.Content.ReadAsStringAsync();

        await edge.TerminateAsync();
        await HealthResponse.UntilAsync(http, "not_ready");
        using var within = await ChatAsync(http, "gpt-4o", "Hello!");
        Assert.Equal(200, (int)within.StatusCode);
        Assert.EndsWith("data: [DONE]\n\n", await within.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        await UntilClosedAsync(http);
        Assert.False(text.IsCompleted);
        Assert.EndsWith("data: [DONE]\n\n", await text, StringComparison.Ordinal);
        Assert.Equal(0, await edge.EndedAsync());
        Assert.Contains("Requests cut: 0.", edge.Output, StringComparison.Ordinal);
        Assert.Equal("", edge.Errors);
    }

    [Fact]
    public async Task A_stream_that_outlives_the_timeout_is_cut_and_pending_records_are_still_written()
    {
        await MigratedDatabase.PrepareAsync(_directory);
        await using var edge = EdgeProcess.Start(_directory, "--urls=http://127.0.0.1:0", "--Drain:TimeoutSeconds=1");
        using var http = await ConnectAsync(edge);
        using var stream = await ChatAsync(http, "sandbox/silent", "hi");
        Assert.Equal(DBNull.Value, LastUse());

        Assert.Equal(0, await edge.StopAsync());
        await Assert.ThrowsAnyAsync<Exception>(() => stream.Content.ReadAsStringAsync());
        Assert.Contains("Requests cut: 1.", edge.Output, StringComparison.Ordinal);
        Assert.True(Convert.ToInt64(LastUse(), CultureInfo.InvariantCulture) > 0);
        Assert.Equal("", edge.Errors);
    }

    [Fact]
    public async Task A_second_SIGTERM_stops_at_once()
    {
        await MigratedDatabase.PrepareAsync(_directory);
        await using var edge = EdgeProcess.Start(_directory, "--urls=http://127.0.0.1:0", "--Drain:GraceSeconds=300", "--Drain:TimeoutSeconds=300");
        using var http = await ConnectAsync(edge);
        using var stream = await ChatAsync(http, "sandbox/silent", "hi");

        await edge.TerminateAsync();
        await UntilNotReadyAsync(http.BaseAddress!);
        Assert.Equal(0, await edge.StopAsync());
        Assert.Contains("Requests cut: 1.", edge.Output, StringComparison.Ordinal);
    }

    public void Dispose() => RunDirectory.Delete(_directory);

    private static async Task<HttpClient> ConnectAsync(EdgeProcess edge)
    {
        var http = new HttpClient { BaseAddress = await edge.ListeningAsync() };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await edge.TestKeyAsync());
        return http;
    }

    private static async Task<HttpResponseMessage> ChatAsync(HttpClient http, string model, string text)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions");
        request.Content = RunningEdge.Json(new { model, stream = true, messages = new[] { new { role = "user", content = text } } });
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(200, (int)response.StatusCode);
        return response;
    }

    // A client has a response before the edge has ended the request, which would then be counted as open. The edge closes the connection after that.
    private static Task UntilNotReadyAsync(Uri edge) => Eventually.IsTrueAsync(async () =>
    {
        using var client = await RawClient.ConnectAsync(edge);
        await client.SendAsync("GET /health/ready HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n\r\n");
        return (await client.ReadToEndAsync()).Text.Contains("not_ready", StringComparison.Ordinal);
    });

    private static async Task UntilClosedAsync(HttpClient http)
    {
        using var limit = new CancellationTokenSource(Eventually.Timeout, TimeProvider.System);
        try
        {
            while (true)
            {
                using var response = await http.GetAsync("/health/live", limit.Token);
                await RealTime.PassesAsync(TimeSpan.FromMilliseconds(20), "The test polls another process.", limit.Token);
            }
        }
        catch (HttpRequestException)
        {
            // The edge accepts no more connections.
        }
    }

    private object? LastUse()
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_directory, "data", "edge.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = """SELECT MAX("LastUsedAt") FROM api_keys""";
        return command.ExecuteScalar();
    }
}
