using System.Globalization;
using System.IO.Compression;
using System.Text;
using Cencori.Edge.Providers.Forwarding.Refusals;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Providers;
using static Cencori.Edge.Tests.Routing.FleetEdge;

namespace Cencori.Edge.Tests.Routing;

/// <summary>A refusal whose beginning the edge has read reaches the caller byte for byte, if no other target is asked.</summary>
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
    public async Task A_refusal_of_any_length_arrives_unchanged(int size, bool isChunked)
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
    public async Task A_refusal_that_is_passed_over_leaves_nothing_on_the_connection(int size)
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
    public async Task An_error_code_within_the_buffered_beginning_counts()
    {
        var (project, key, _) = await fleet.CreateAsync(Whole(429, Spent.PadRight(BufferedRefusalBody.MaxBytes - 1), isChunked: true), RespondOk());
        (await fleet.ChatAsync(key)).Dispose();
        Assert.Equal("quota", Assert.Single(await fleet.ListCoolDownsAsync(project)).Reason);
    }

    [Fact]
    public async Task In_a_refusal_that_is_too_long_only_the_status_counts()
    {
        var (project, key, _) = await fleet.CreateAsync(Whole(429, $$"""{"pad":"{{new string('x', BufferedRefusalBody.MaxBytes)}}",{{Spent[1..]}}""", isChunked: false), RespondOk());
        using var response = await fleet.ChatAsync(key);
        Assert.Equal((200, "rate_limited"), ((int)response.StatusCode, Header(response, "x-cencori-fallback")));
    }

    [Fact]
    public async Task A_slow_refusal_is_abandoned_if_another_target_can_be_asked_and_delivered_whole_if_not()
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
        await RealTime.PassesAsync(TimeSpan.FromSeconds(2.5), "The edge's own timeout must be over before the rest arrives.");
        gate.SetResult();
        using var response = await chat;
        Assert.Equal((429, second), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task A_refusal_that_ends_slowly_still_counts_by_what_it_said()
    {
        var gate = new TaskCompletionSource();
        var (project, key, _) = await fleet.CreateAsync(Slow(Spent + " ", gate.Task), RespondOk());
        (await fleet.ChatAsync(key)).Dispose();
        gate.SetResult();
        Assert.Equal("quota", Assert.Single(await fleet.ListCoolDownsAsync(project)).Reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refusal_that_breaks_fails_over_and_is_an_error_if_it_is_the_last(bool isLast)
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
        Assert.Contains(await fleet.ListCoolDownsAsync(project), left => left.Reason == "rate_limited");
    }

    [Fact]
    public async Task An_encoded_refusal_is_not_parsed_and_arrives_unchanged()
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
        Assert.Equal(["auth", "rate_limited"], (await fleet.ListCoolDownsAsync(project)).Select(left => left.Reason).Order());
    }

    // Every piece differs, and no piece looks like part of a credential.
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
