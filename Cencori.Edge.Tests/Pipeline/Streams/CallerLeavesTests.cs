using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;

namespace Cencori.Edge.Tests.Pipeline.Streams;

/// <summary>A caller's disconnect is recognised, with a FIN or a RST and at any stage of the request.</summary>
public sealed class CallerLeavesTests(RespondingEdge at) : IClassFixture<RespondingEdge>
{
    private const string Form = "multipart/form-data; boundary=b";
    private const string Model = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--b\r\n";
    private const int Times = 6;

    [Theory]
    [InlineData("/v1/chat/completions", "application/json", "Content-Length: 1000", "{\"model\":")]
    [InlineData("/v1/chat/completions", "application/json", "Content-Length: 1000", "")]
    [InlineData("/v1/chat/completions", "application/json", "Transfer-Encoding: chunked", "9\r\n{\"model\":\r\n")]
    [InlineData("/v1/chat/completions", "application/json", "Transfer-Encoding: chunked", "90\r\n{\"model\":")]
    [InlineData("/v1/chat/completions", "application/json", "Transfer-Encoding: chunked", "9\r\n{\"model\":\r\n9")]
    [InlineData("/v1/audio/transcriptions", Form, "Content-Length: 1000", "--b\r\n")]
    [InlineData("/v1/audio/transcriptions", Form, "Content-Length: 1000", Model)]
    [InlineData("/v1/files", Form, "Content-Length: 1000", "--b\r\n")]
    [InlineData("/v1/files", Form, "Content-Length: 1000", "")]
    [InlineData("/v1/files", Form, "Transfer-Encoding: chunked", "5\r\n--b\r\n\r\n")]
    public async Task A_disconnect_in_the_middle_of_the_request_is_recorded_as_cancelled(string path, string type, string framing, string beginning)
    {
        foreach (var reset in new[] { false, true })
        {
            await AssertCancelledAsync(499, reset, atLeast: 1, async (client, key) =>
            {
                await client.SendHeadAsync(key, path, type, framing);
                await client.SendAsync(beginning);
                await RealTime.PassesAsync(TimeSpan.FromMilliseconds(5), "A reset could discard bytes that are still on their way.");
            });
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(5_000, true)]
    public async Task A_disconnect_in_the_middle_of_the_response_is_recorded_as_cancelled(int chunks, bool isStream)
    {
        foreach (var reset in new[] { false, true })
        {
            await AssertCancelledAsync(chunks == 0 ? 499 : 200, reset, Times, async (client, key) =>
            {
                var received = at.Provider.Requests.Count;
                at.Provider.Enqueue(async (_, response) =>
                {
                    if (chunks > 0)
                    {
                        await response.SendHeadAsync(200, ("Content-Type", isStream ? "text/event-stream" : "application/json"), ("Transfer-Encoding", "chunked"));
                    }

                    for (var chunk = 0; chunk < chunks; chunk++)
                    {
                        await response.SendChunkAsync("data: {\"choices\":[{\"delta\":{\"content\":\"hello\"}}]}\n\n");
                    }

                    await response.WaitForAbortAsync();
                    await response.CloseAsync();
                });
                await client.PostAsync(key, "/v1/chat/completions", isStream ? ScriptedEdge.StreamedChat : ScriptedEdge.Chat);
                await (chunks > 0 ? client.ReadHeadAsync() : Eventually.IsTrueAsync(() => at.Provider.Requests.Count > received));
            });
        }
    }

    private async Task AssertCancelledAsync(int status, bool reset, int atLeast, Func<RawClient, string, Task> begin)
    {
        var before = at.Edge.Logs.Lines.Count;
        var (project, key) = await at.CreateAsync(new { });
        for (var time = 0; time < Times; time++)
        {
            using var client = await RawClient.ConnectAsync(at.Edge);
            await begin(client, key);
            if (reset)
            {
                client.Reset();
            }
        }

        // The edge may notice some disconnects late, so the test waits for the records of only some of them.
        await at.Edge.RowsOfAsync(project, atLeast);
        using var last = await at.ChatAsync(key);
        var rows = (await at.Edge.RowsOfAsync(project, atLeast + 1)).Where(row => row.Status != 200 || status == 200);
        Assert.All(rows.Where(row => row.Outcome != RequestOutcome.Success), row => Assert.Equal((status, RequestOutcome.Cancelled, null), (row.Status, row.Outcome, row.ErrorCode)));
        Assert.Empty(at.Edge.Logs.Faults(before));
    }
}
