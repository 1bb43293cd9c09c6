using System.Globalization;
using System.IO.Compression;
using System.Text;
using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Tests.Infrastructure;
using static Cencori.Edge.Tests.Routing.FleetEdge;

namespace Cencori.Edge.Tests.Routing;

/// <summary>What was read of a refusal reaches its caller byte for byte, where that is the one who hears it.</summary>
public sealed class KeptRefusalTests(FleetEdge fleet) : IClassFixture<FleetEdge>
{
    private const string Spent = """{"error":{"message":"x","code":"insufficient_quota"}}""";

    public static TheoryData<int, bool> Sizes()
    {
        var sizes = new TheoryData<int, bool>();
        foreach (var size in (int[])[0, 1, 4096, BufferedRefusalBody.MaxBytes - 1, BufferedRefusalBody.MaxBytes, BufferedRefusalBody.MaxBytes + 1, 1024 * 1024])
        {
            sizes.Add(size, false);
            sizes.Add(size, true);
        }

        return sizes;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Of_any_length(int size, bool isChunked)
    {
        var body = Text(size);
        var (_, key, accounts) = await fleet.CreateAsync(Refuse(429, ("Retry-After", "60")), Whole(429, body, isChunked));
        using var response = await fleet.ChatAsync(key);
        Assert.Equal((429, body), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal(isChunked, response.Headers.TransferEncodingChunked == true);
        Assert.Equal([1, 1], accounts.Select(account => account.Count));
    }

    [Theory]
    [InlineData(BufferedRefusalBody.MaxBytes - 1)]
    [InlineData(BufferedRefusalBody.MaxBytes + 1)]
    [InlineData(1024 * 1024)]
    public async Task Of_one_that_is_passed_over_nothing_is_left_on_the_connection(int size)
    {
        var (_, key, accounts) = await fleet.CreateAsync(Whole(500, Text(size), isChunked: false), RespondOk());
        accounts[0].Script = Whole(429, Text(size), isChunked: true);
        for (var request = 0; request < 3; request++)
        {
            using var response = await fleet.ChatAsync(key);
            Assert.Equal(200, (int)response.StatusCode);
        }
    }

    [Fact]
    public async Task What_is_said_within_the_first_of_it_counts()
    {
        var (project, key, _) = await fleet.CreateAsync(Whole(429, Spent.PadRight(BufferedRefusalBody.MaxBytes - 1), isChunked: true), RespondOk());
        (await fleet.ChatAsync(key)).Dispose();
        Assert.Equal("quota", Assert.Single(await fleet.LeftAloneAsync(project)).Reason);
    }

    [Fact]
    public async Task Of_what_is_too_long_the_status_says_all()
    {
        var (project, key, _) = await fleet.CreateAsync(Whole(429, $$"""{"pad":"{{new string('x', BufferedRefusalBody.MaxBytes)}}",{{Spent[1..]}}""", isChunked: false), RespondOk());
        using var response = await fleet.ChatAsync(key);
        Assert.Equal((200, "rate_limited"), ((int)response.StatusCode, Header(response, "x-cencori-fallback")));
    }

    [Fact]
    public async Task A_slow_one_is_not_waited_for_when_another_can_be_asked_and_is_whole_when_none_can()
    {
        var gate = new TaskCompletionSource();
        var (first, second) = (Text(20), Text(40));
        var (_, key, accounts) = await fleet.CreateAsync(Slow(first, gate.Task), Slow(second, gate.Task));
        var began = TimeProvider.System.GetTimestamp();
        var chat = fleet.ChatAsync(key);
        await Eventually.IsTrueAsync(() => accounts[1].Count == 1);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 1.9, 30);
        Assert.False(chat.IsCompleted);
        await accounts[0].Requests.Single().Aborted.WaitAsync(Eventually.Timeout, TimeProvider.System);
        await RealTime.PassesAsync(TimeSpan.FromSeconds(2.5), "The edge's own patience has to be over before the rest comes.");
        gate.SetResult();
        using var response = await chat;
        Assert.Equal((429, second), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task One_that_is_slow_to_end_has_said_all_the_same_what_it_says()
    {
        var gate = new TaskCompletionSource();
        var (project, key, _) = await fleet.CreateAsync(Slow(Spent + " ", gate.Task), RespondOk());
        (await fleet.ChatAsync(key)).Dispose();
        gate.SetResult();
        Assert.Equal("quota", Assert.Single(await fleet.LeftAloneAsync(project)).Reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_breaks_is_followed_by_the_next_and_is_an_error_where_it_is_the_last(bool isLast)
    {
        Func<ReceivedRequest, ScriptedResponse, Task> broken = async (_, response) =>
        {
            await response.SendHeadAsync(429, ("Content-Type", "application/json"), ("Transfer-Encoding", "chunked"));
            await response.SendChunkAsync("{\"error\":");
            await response.CloseAsync();
        };
        var (project, key, accounts) = await fleet.CreateAsync(isLast ? Refuse(401) : broken, isLast ? broken : RespondOk());
        if (isLast)
        {
            await Assert.ThrowsAnyAsync<Exception>(async () => (await fleet.ChatAsync(key)).EnsureSuccessStatusCode());
        }
        else
        {
            using var edgeResponse = await fleet.ChatAsync(key);
            Assert.Equal((200, "rate_limited"), ((int)edgeResponse.StatusCode, Header(edgeResponse, "x-cencori-fallback")));
        }

        Assert.Equal([1, 1], accounts.Select(account => account.Count));
        Assert.Contains(await fleet.LeftAloneAsync(project), left => left.Reason == "rate_limited");
    }

    [Fact]
    public async Task What_is_encoded_is_not_read_and_is_what_it_was()
    {
        var zipped = new MemoryStream();
        await using (var zip = new GZipStream(zipped, CompressionMode.Compress, leaveOpen: true))
        {
            await zip.WriteAsync(Encoding.UTF8.GetBytes(Spent));
        }

        var (project, key, _) = await fleet.CreateAsync(Refuse(401), async (_, response) =>
        {
            await response.SendHeadAsync(429, ("Content-Type", "application/json"), ("Content-Encoding", "gzip"), ("Content-Length", zipped.Length.ToString(CultureInfo.InvariantCulture)));
            await response.SendAsync(zipped.ToArray());
        });
        using var edgeResponse = await fleet.ChatAsync(key);
        Assert.Equal((429, Spent), ((int)edgeResponse.StatusCode, await edgeResponse.Content.ReadAsStringAsync()));
        Assert.Equal(["auth", "rate_limited"], (await fleet.LeftAloneAsync(project)).Select(left => left.Reason).Order());
    }

    // Each piece another one, and nothing that the edge could take for a part of a credential.
    private static string Text(int size) => string.Concat(Enumerable.Range(0, (size / 5) + 1).Select(at => string.Concat((char)('a' + (at % 26)), (char)('a' + (at / 26 % 26)), (char)('a' + (at / 676 % 26)), (char)('a' + (at / 17_576 % 26)), ' ')))[..size];

    private static Func<ReceivedRequest, ScriptedResponse, Task> Whole(int status, string body, bool isChunked) => !isChunked ? Say(status, body) : async (_, response) =>
    {
        await response.SendHeadAsync(status, ("Content-Type", "application/json"), ("Transfer-Encoding", "chunked"));
        foreach (var piece in body.Chunk(5_000))
        {
            await response.SendChunkAsync(new string(piece));
        }

        await response.EndChunksAsync();
    };

    private static Func<ReceivedRequest, ScriptedResponse, Task> Slow(string body, Task gate) => async (request, response) =>
    {
        await response.SendHeadAsync(429, ("Content-Type", "application/json"), ("Content-Length", body.Length.ToString(CultureInfo.InvariantCulture)));
        await response.SendAsync(body[..^1]);
        await Task.WhenAny(response.HoldAsync(gate), request.Aborted);
        if (!request.Aborted.IsCompleted)
        {
            await response.SendAsync(body[^1..]);
        }
    };
}
