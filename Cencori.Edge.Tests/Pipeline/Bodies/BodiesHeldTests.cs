using System.Net;
using Cencori.Edge.Bodies.Buffers;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Pipeline.Bodies;

/// <summary>The bytes of bodies that the edge buffers are limited, and a body that does not arrive has a deadline.</summary>
public sealed class BodiesHeldTests(BodiesHeldTests.SmallEdge scene) : IClassFixture<BodiesHeldTests.SmallEdge>
{
    private const string Chat = "/v1/chat/completions";
    private const string Json = "application/json";
    private const string Transcription = "/v1/audio/transcriptions";
    private const string Form = "multipart/form-data; boundary=b";
    private const int Half = 600_000;
    private const int Announced = 1_000_000;

    private static readonly string[] Local = ["localhost"];

    private static readonly byte[] HalfOfJson = [(byte)'{', .. Enumerable.Repeat((byte)' ', Half)];
    private static readonly byte[] HalfOfForm = [.. "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"u8, .. new byte[Half]];

    [Theory]
    [InlineData(Chat, Json)]
    [InlineData(Transcription, Form)]
    public async Task A_project_over_its_buffer_limit_gets_503_with_Retry_After_and_others_are_served(string path, string contentType)
    {
        var (_, key) = await scene.CreateAsync(new { });
        var (_, other) = await scene.CreateAsync(new { });
        var piece = contentType == Json ? HalfOfJson : HalfOfForm;
        var clients = new List<RawClient>();
        try
        {
            // The project's buffer limit has room for two of these pieces. How much of a third one is read before its rejection is not defined.
            for (var i = 0; i < 2; i++)
            {
                clients.Add(await RawClient.ConnectAsync(scene.Edge));
                await clients[i].SendHeadAsync(key, path, contentType, $"Content-Length: {Announced}");
                await clients[i].SendAsync(piece);
            }

            // Both buffers have their final size. Before that, one of the two could be refused in place of the third.
            await Eventually.IsTrueAsync(() => scene.Held >= 2 * Announced);
            using var refused = await RawClient.ConnectAsync(scene.Edge);
            await refused.SendHeadAsync(key, path, contentType, $"Content-Length: {Announced}");
            await refused.SendAsync(piece);
            var response = await refused.ReadResponseAsync();

            Assert.Equal((503, "OVERLOADED"), (response.Status, response.ErrorCode));
            Assert.Equal(["1"], response.Headers["Retry-After"]);
            Assert.Empty(response.Headers["x-should-retry"]);
            using var served = await scene.ChatAsync(other);
            Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        }
        finally
        {
            clients.ForEach(client => client.Reset());
        }

        await Eventually.IsTrueAsync(() => scene.Held == 0);
        using var again = await scene.ChatAsync(key, ScriptedEdge.Chat.PadRight(Half));
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task Callers_with_a_publishable_key_cannot_use_up_the_projects_buffer()
    {
        var (project, key) = await scene.CreateAsync(new { });
        var page = await scene.Edge.CreateKeyAsync(project, "publishable", more: new { allowed_domains = Local });
        var clients = new List<RawClient>();
        try
        {
            RawResponse response = null!;
            for (var i = 0; i < 20 && response is null; i++)
            {
                var client = await RawClient.ConnectAsync(scene.Edge);
                clients.Add(client);
                await client.SendHeadAsync(page, Chat, Json, $"Content-Length: {SmallEdge.Publishable}\r\nOrigin: http://localhost");
                await client.SendAsync(HalfOfJson.AsMemory(0, SmallEdge.Publishable - 1));
                await Eventually.IsTrueAsync(() => scene.Held >= (i + 1) * 131_072 || client.HasResponse);
                response = client.HasResponse ? await client.ReadResponseAsync() : null!;
            }

            Assert.Equal((503, "OVERLOADED"), (response.Status, response.ErrorCode));
            using var served = await scene.ChatAsync(key, ScriptedEdge.Chat.PadRight(Half));
            Assert.Equal(HttpStatusCode.OK, served.StatusCode);
        }
        finally
        {
            clients.ForEach(client => client.Reset());
        }

        await Eventually.IsTrueAsync(() => scene.Held == 0);
    }

    [Fact]
    public async Task Bodies_of_publishable_keys_have_a_smaller_limit()
    {
        var (project, key) = await scene.CreateAsync(new { });
        var page = await scene.Edge.CreateKeyAsync(project, "publishable", more: new { allowed_domains = Local });
        var body = ScriptedEdge.Chat.PadRight(SmallEdge.Publishable);

        using var fits = await scene.ChatAsync(page, body, ("Origin", "http://localhost"));
        using var larger = await scene.ChatAsync(page, body + " ", ("Origin", "http://localhost"));
        using var chunked = await scene.ChatAsync(page, body + " ", ("Origin", "http://localhost"), ("Transfer-Encoding", "chunked"));
        using var secret = await scene.ChatAsync(key, body + " ");

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK], [fits.StatusCode, secret.StatusCode]);
        await larger.ErrorAsync(HttpStatusCode.RequestEntityTooLarge, "REQUEST_TOO_LARGE");
        await chunked.ErrorAsync(HttpStatusCode.RequestEntityTooLarge, "REQUEST_TOO_LARGE");
    }

    [Theory]
    [InlineData(Chat, Json, "{\"model\":")]
    [InlineData(Transcription, Form, "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n")]
    [InlineData(Transcription, Form, "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n")]
    [InlineData("/v1/files", "application/octet-stream", "some bytes")]
    public async Task A_body_that_arrives_too_slowly_gives_408_after_the_deadline(string path, string contentType, string beginning)
    {
        var (_, key) = await scene.CreateAsync(new { });

        // The key must be cached, because looking it up has a deadline on the same clock.
        using var known = await scene.Edge.SendAsync(key, HttpMethod.Get, "/v1/models/gpt-4o");
        using var client = await RawClient.ConnectAsync(scene.Edge);
        await client.SendHeadAsync(key, path, contentType, "Content-Length: 100000");
        await client.SendAsync(beginning);

        // The deadline counts all pauses together, however they are distributed.
        for (var i = 0; i < 300 && !client.HasResponse; i++)
        {
            scene.Clock.Advance(TimeSpan.FromSeconds(10));
            await client.SendAsync("x");
            await RealTime.PassesAsync(TimeSpan.FromMilliseconds(20), "The edge must wait for the next byte before the clock advances.");
        }

        var response = await client.ReadResponseAsync();

        Assert.Equal((408, "INVALID_REQUEST"), (response.Status, response.ErrorCode));
        await Eventually.IsTrueAsync(() => scene.Held == 0);
        Assert.DoesNotContain(scene.Edge.Logs.Lines, line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Error);
    }

    [Fact]
    public async Task The_buffer_of_a_request_is_freed_when_its_response_begins()
    {
        var (_, key) = await scene.CreateAsync(new { });
        var (begun, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        scene.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "application/json"), ("Content-Length", "2"));
            begun.SetResult();
            await end.Task;
            await response.SendAsync("{}"u8.ToArray());
        });

        var sending = scene.Edge.PostAsync(key, Chat, ScriptedEdge.Chat.PadRight(Half));
        await begun.Task;
        await Eventually.IsTrueAsync(() => scene.Held == 0);
        Assert.False(sending.IsCompleted);
        end.SetResult();

        using var edgeResponse = await sending;
        Assert.Equal("{}", await edgeResponse.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("""{"model":"gpt-4o","messages":[{"\ud800":1}]}""")]
    [InlineData("""{"model":"gpt-4o","messages":[],"tools":[{"type":"\udc00aaaaaa"}]}""")]
    [InlineData("""{"model":"gpt-4o","messages":""")]
    public async Task The_buffer_of_a_rejected_body_is_freed(string body)
    {
        var (_, key) = await scene.CreateAsync(new { });
        using var response = await scene.ChatAsync(key, body.PadRight(Half));

        await response.ErrorAsync(HttpStatusCode.BadRequest, "INVALID_REQUEST");
        await Eventually.IsTrueAsync(() => scene.Held == 0);
    }

    [Fact]
    public async Task The_buffer_of_a_form_is_freed_when_the_form_has_been_sent()
    {
        var (_, key) = await scene.CreateAsync(new { });
        var end = new TaskCompletionSource();
        scene.Provider.Enqueue(async (_, response) =>
        {
            await end.Task;
            await response.JsonAsync(200, "{}");
        });
        using var form = new MultipartFormDataContent { { new ByteArrayContent(new byte[Half]), "file", "a.wav" }, { new StringContent("whisper-1"), "model" } };

        var sending = scene.Edge.SendAsync(key, HttpMethod.Post, Transcription, form);
        await scene.Provider.NextRequestAsync();
        await Eventually.IsTrueAsync(() => scene.Held == 0);
        end.SetResult();
        using var edgeResponse = await sending;

        Assert.Equal(HttpStatusCode.OK, edgeResponse.StatusCode);
    }

    public sealed class SmallEdge : ClockedEdge
    {
        public const int Publishable = 100_000;

        public long Held => Edge.Services.GetRequiredService<BufferShares>().Held;

        protected override IEnumerable<string> Settings =>
        [
            "Limits:MaxRequestBodyBytes=1048576", "Limits:BufferedBytes=6000000", "Limits:BufferedBytesPerProject=2300000", $"Limits:MaxPublishableBodyBytes={Publishable}",
        ];
    }
}
