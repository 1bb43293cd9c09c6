using System.Net;
using System.Text;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Pipeline.Bodies;

/// <summary>
/// If a provider reports that it has not processed a request, the HTTP client below YARP sends it again by itself. The caller then
/// gets a response and no error.
/// </summary>
public sealed class BodiesSentAgainTests(BodiesSentAgainTests.Fixture at) : IClassFixture<BodiesSentAgainTests.Fixture>
{
    private const string Chat = "/v1/chat/completions";
    private const string ProviderModel = "gpt-4o-mini-2024-07-18";

    public enum Way
    {
        Refused,
        GoneAway,
        GoneAwayAndClosed,
    }

    public static TheoryData<Way, FrameMoment, int> Ways()
    {
        var all = new TheoryData<Way, FrameMoment, int>();
        foreach (var way in Enum.GetValues<Way>())
        {
            foreach (var moment in Enum.GetValues<FrameMoment>())
            {
                foreach (var size in new[] { 10, 100_000, 1_000_000 })
                {
                    all.Add(way, moment, size);
                }
            }
        }

        return all;
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_unprocessed_request_is_sent_again_byte_for_byte(Way way, FrameMoment moment, int size)
    {
        var before = at.Provider.Requests.Count;
        at.Provider.Enqueue(moment, (connection, request) => RefuseAsync(connection, request, way));

        using var response = await at.Edge.PostAsync(at.Key, Chat, Request("fast", size));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("{}", await response.Content.ReadAsStringAsync());
        var sent = at.Provider.Requests.Skip(before).ToArray();
        Assert.Equal(2, sent.Length);
        AssertSent(sent[1], size);

        // A frame may end inside a character.
        Assert.StartsWith(sent[0].BodyText.TrimEnd('\uFFFD'), sent[1].BodyText, StringComparison.Ordinal);
        Assert.Equal(way == Way.Refused, sent[0].Connection == sent[1].Connection);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public async Task A_connection_closed_between_requests_loses_no_request(int size)
    {
        var before = at.Provider.Requests.Count;
        at.Provider.Enqueue(FrameMoment.End, async (connection, request) =>
        {
            await connection.RespondAsync(request);
            await connection.GoAwayAsync(request.Stream);
        });

        for (var turn = 0; turn < 2; turn++)
        {
            using var response = await at.Edge.PostAsync(at.Key, Chat, Request("fast", size));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        var sent = at.Provider.Requests.Skip(before).Where(request => request.IsWhole).ToArray();
        Assert.Equal(2, sent.Length);
        Assert.NotEqual(sent[0].Connection, sent[1].Connection);
        Assert.All(sent, request => AssertSent(request, size));
    }

    [Fact]
    public async Task A_request_that_may_have_been_processed_is_sent_once()
    {
        var before = at.Provider.Requests.Count;
        at.Provider.Enqueue(FrameMoment.End, async (connection, request) =>
        {
            await connection.GoAwayAsync(request.Stream);
            connection.HangUp();
        });

        var error = await at.Edge.PostAsync(at.Key, Chat, Request("fast", 10)).NestedErrorAsync();

        Assert.Equal((502, "PROVIDER_ERROR"), (error.Status, error.Code));
        Assert.Equal(before + 1, at.Provider.Requests.Count);
    }

    [Theory]
    [InlineData(FrameMoment.Head)]
    [InlineData(FrameMoment.End)]
    public async Task A_streamed_form_cannot_be_sent_again(FrameMoment moment)
    {
        at.Provider.Enqueue(moment, (connection, request) => connection.ResetAsync(request, FrameConnection.RefusedStream));
        using var form = new MultipartFormDataContent("b") { { new StringContent("whisper-1"), "model" }, { new ByteArrayContent(new byte[10_000]), "file", "a.wav" } };

        var error = await at.Edge.SendAsync(at.Key, HttpMethod.Post, "/v1/audio/transcriptions", form).NestedErrorAsync();

        Assert.Equal((502, "PROVIDER_ERROR"), (error.Status, error.Code));
    }

    [Fact]
    public async Task A_form_that_the_provider_rejects_while_it_is_sent_gives_502()
    {
        at.Provider.Enqueue(FrameMoment.Head, (connection, request) => connection.ResetAsync(request, FrameConnection.RefusedStream));
        using var client = await RawClient.ConnectAsync(at.Edge);

        await client.SendHeadAsync(at.Key, "/v1/audio/transcriptions", "multipart/form-data; boundary=b", "Content-Length: 10000");
        await client.SendAsync("--b\r\nContent-Disposition: form-data; name=model\r\n\r\nwhisper-1\r\n--b\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\nRIFF");
        var response = await client.ReadResponseAsync();

        Assert.Equal((502, "PROVIDER_ERROR"), (response.Status, response.ErrorCode));
    }

    [Fact]
    [Trait(SlowestTests.Trait, "Sends a large body for longer than the timeout.")]
    public async Task A_provider_that_reads_a_large_body_slowly_does_not_time_out()
    {
        var before = at.Provider.Requests.Count;
        at.Provider.CreditDelay = TimeSpan.FromMilliseconds(20);
        try
        {
            var started = TimeProvider.System.GetTimestamp();
            using var response = await at.Edge.PostAsync(at.Key, Chat, Request("fast", 1_000_000));

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            AssertSent(at.Provider.Requests[before], 1_000_000);
            Assert.True(TimeProvider.System.GetElapsedTime(started) > Fixture.LongestSilence, "The upload was too fast to test the timeout.");
        }
        finally
        {
            at.Provider.CreditDelay = TimeSpan.Zero;
        }
    }

    [Fact]
    public async Task A_provider_that_stops_reading_a_large_body_times_out()
    {
        at.Provider.Enqueue(FrameMoment.FirstData, (_, _) => Task.CompletedTask);

        var error = await at.Edge.PostAsync(at.Key, Chat, Request("fast", 1_000_000)).NestedErrorAsync();

        Assert.Equal((504, "PROVIDER_TIMEOUT"), (error.Status, error.Code));
    }

    private static async Task RefuseAsync(FrameConnection connection, FrameRequest request, Way way)
    {
        if (way == Way.Refused)
        {
            await connection.ResetAsync(request, FrameConnection.RefusedStream);
            return;
        }

        await connection.GoAwayAsync(Math.Max(request.Stream - 2, 0));
        if (way == Way.GoneAwayAndClosed)
        {
            connection.HangUp();
        }
    }

    private static void AssertSent(FrameRequest sent, int size)
    {
        var expected = Request(ProviderModel, size).Replace("{\"stream\"", "{\"stream_options\":{\"include_usage\":true},\"stream\"", StringComparison.Ordinal);
        Assert.True(sent.IsWhole);
        Assert.True(expected == sent.BodyText, $"{sent.BodyText.Length} characters are not the {expected.Length} that were expected.");
        Assert.True(sent.Promises(Encoding.UTF8.GetByteCount(expected)));
    }

    private static string Request(string model, int size) =>
        $$"""{"stream":true,"messages":[{"role":"user","content":"{{new string('é', size / 2)}}"}],"model":"{{model}}","user":"{{new string('u', size / 10)}}"}""";

    public sealed class Fixture : IAsyncLifetime
    {
        /// <summary>The longest time in which a provider may send nothing: the edge's timeout of 2 s, plus 1 s, because YARP's own timeout is longer.</summary>
        public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(2 + 1);

        public FrameProvider Provider { get; } = new();

        public RunningEdge Edge { get; private set; } = null!;

        public string Key { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Edge = await RunningEdge.StartAsync([.. Provider.Settings, "ReverseProxy:Clusters:openai:HttpRequest:ActivityTimeout=00:00:02"]);
            var project = await Edge.CreateProjectAsync("openai");
            await Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { model_aliases = new { fast = $"openai/{ProviderModel}" } });
            Key = await Edge.CreateKeyAsync(project);
        }

        public async Task DisposeAsync()
        {
            await Edge.DisposeAsync();
            await Provider.DisposeAsync();
        }
    }
}
