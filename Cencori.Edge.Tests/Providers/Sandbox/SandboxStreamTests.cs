using System.Text;
using Cencori.Edge.Metering;
using Cencori.Edge.Providers.Sandbox;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Providers.Sandbox;

public sealed class SandboxStreamTests
{
    private const string Chat = "/v1/chat/completions";

    private readonly FakeTimeProvider _time = new();
    private readonly byte[] _buffer = new byte[4096];

    [Fact]
    public async Task A_slow_stream_yields_one_token_every_250_milliseconds()
    {
        using var calls = new SandboxCalls(_time);
        using var response = await calls.PostAsync(Chat, Body("slow", "one two three"));
        await using var stream = await response.Content.ReadAsStreamAsync();

        Assert.Contains("\"role\":\"assistant\"", await ReadAsync(stream), StringComparison.Ordinal);
        Assert.Contains("\"content\":\"one\"", await ReadAsync(stream), StringComparison.Ordinal);
        var second = ReadAsync(stream);
        _time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.False(second.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Contains("\"content\":\" two\"", await second, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slow_JSON_comes_after_two_seconds()
    {
        using var calls = new SandboxCalls(_time);
        var sending = calls.PostAsync(Chat, """{"model":"slow","messages":[{"role":"user","content":"hi"}]}""");

        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(sending.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        using var response = await sending;
        Assert.Contains("\"content\":\"hi\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_with_an_empty_buffer_waits_for_a_piece_and_takes_none()
    {
        using var calls = new SandboxCalls(_time);
        using var response = await calls.PostAsync(Chat, Body("slow", "one two"));
        await using var stream = await response.Content.ReadAsStreamAsync();
        await ReadAsync(stream);
        await ReadAsync(stream);

        var waiting = stream.ReadAsync(Memory<byte>.Empty).AsTask();
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal(0, await waiting);

        Assert.Contains("\"content\":\" two\"", await ReadAsync(stream), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_small_buffer_receives_every_byte()
    {
        using var calls = new SandboxCalls();
        var whole = await calls.PostTextAsync(Chat, Body("echo", "one two three four five"));
        using var response = await calls.PostAsync(Chat, Body("echo", "one two three four five"));
        await using var stream = await response.Content.ReadAsStreamAsync();

        var bytes = new List<byte>();
        for (var seven = new byte[7]; await stream.ReadAsync(seven) is > 0 and var count;)
        {
            bytes.AddRange(seven.AsSpan(0, count));
        }

        var text = Encoding.UTF8.GetString([.. bytes]);
        Assert.Equal(whole.Length, text.Length);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_stream_yields_one_chunk_and_ends_when_the_request_is_cancelled()
    {
        using var calls = new SandboxCalls();
        using var aborted = new CancellationTokenSource();
        using var response = await calls.PostAsync(Chat, Body("silent", "hi"), aborted.Token);
        await using var stream = await response.Content.ReadAsStreamAsync();
        Assert.Contains("assistant", await ReadAsync(stream), StringComparison.Ordinal);
        var next = ReadAsync(stream);
        Assert.False(next.IsCompleted);

        await aborted.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public async Task Silent_JSON_waits_until_the_request_is_cancelled()
    {
        using var calls = new SandboxCalls();
        using var aborted = new CancellationTokenSource();
        var sending = calls.PostAsync(Chat, """{"model":"silent","messages":[{"role":"user","content":"hi"}]}""", aborted.Token);
        Assert.False(sending.IsCompleted);

        await aborted.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    [Fact]
    public async Task A_cancelled_read_ends_at_once_and_stops_the_stream()
    {
        using var calls = new SandboxCalls();
        using var response = await calls.PostAsync(Chat, Body("silent", "hi"));
        await using var stream = await response.Content.ReadAsStreamAsync();
        await ReadAsync(stream);
        using var gone = new CancellationTokenSource();
        var next = stream.ReadAsync(_buffer, gone.Token).AsTask();

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReadAsync(stream));
    }

    [Fact]
    public async Task A_disposed_response_stops_a_waiting_producer()
    {
        var stopped = new TaskCompletionSource();
        async IAsyncEnumerable<ReadOnlyMemory<byte>> Pieces([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop = default)
        {
            try
            {
                yield return new byte[1];
                await RealTime.PassesAsync(Timeout.InfiniteTimeSpan, "The producer ends only when it is stopped.", stop);
            }
            finally
            {
                stopped.SetResult();
            }
        }

        var stream = new SandboxStream(Pieces(), CancellationToken.None);
        var response = new HttpResponseMessage { Content = new StreamContent(stream) };
        Assert.Equal(1, await stream.ReadAsync(_buffer));
        var next = stream.ReadAsync(_buffer).AsTask();

        response.Dispose();

        await stopped.Task.WaitAsync(Eventually.Timeout, TimeProvider.System);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    [Theory]
    [InlineData("/v1/chat/completions", "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]", "\"finish_reason\":\"stop\"")]
    [InlineData("/v1/completions", "\"prompt\":\"hi\"", "\"finish_reason\":\"stop\"")]
    [InlineData("/v1/responses", "\"input\":\"hi\"", "response.completed")]
    public async Task A_breaking_stream_starts_well_and_breaks_before_its_end(string path, string question, string end)
    {
        using var calls = new SandboxCalls();
        using var response = await calls.PostAsync(path, $$"""{"model":"error-stream","stream":true,{{question}}}""");
        await using var stream = await response.Content.ReadAsStreamAsync();

        var text = new StringBuilder();
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (await ReadAsync(stream) is { Length: > 0 } piece)
            {
                text.Append(piece);
            }
        });

        Assert.InRange(SandboxCalls.Data(text.ToString()).Count(), 3, 8);
        Assert.DoesNotContain(end, text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Breaking_JSON_ends_in_the_middle()
    {
        using var calls = new SandboxCalls();
        using var response = await calls.PostAsync(Chat, """{"model":"error-stream","messages":[{"role":"user","content":"hi"}]}""");
        await using var stream = await response.Content.ReadAsStreamAsync();

        Assert.StartsWith("{\"id\":\"chatcmpl-", await ReadAsync(stream), StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(() => ReadAsync(stream));
    }

    [Fact]
    public async Task A_burst_streams_as_many_one_token_chunks_as_its_name_says()
    {
        using var calls = new SandboxCalls(_time);

        var chunks = await calls.PostStreamAsync(Chat,
            """{"model":"burst-250","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"go"}]}""");

        var text = string.Concat(chunks.SkipLast(1).Select(ChatChunk.Content));
        Assert.Equal(250, chunks.Count(chunk => ChatChunk.Content(chunk).Length > 0));
        Assert.Equal(250, TextTokens.Count(text));
        Assert.Equal(250, chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    private static string Body(string model, string text) =>
        $$"""{"model":"{{model}}","stream":true,"messages":[{"role":"user","content":"{{text}}"}]}""";

    private async Task<string> ReadAsync(Stream stream) => Encoding.UTF8.GetString(_buffer, 0, await stream.ReadAsync(_buffer));
}
