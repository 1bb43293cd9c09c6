using System.Text;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Streams;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Streams;

public sealed class ResponseBreakTests
{
    private static readonly ProviderDefinition Provider = new("openai", CredentialScheme.Bearer, "/v1", [], TimeSpan.FromMinutes(10), NeedsBaseUrl: false);

    // Without optimisation the compiler turns the state of each async method into an object, which must be the only allocation.
#if DEBUG
    private const long BytesPerChunk = 160;
#else
    private const long BytesPerChunk = 16;
#endif

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Repeated_silence_shorter_than_the_timeout_is_tolerated()
    {
        // field trap 13
        using var provider = new TrickleStream();
        await using var stream = Guard(provider);
        var buffer = new byte[64];
        for (var i = 0; i < 20; i++)
        {
            var reading = stream.ReadAsync(buffer);
            _time.Advance(TimeSpan.FromMinutes(9));
            provider.Deliver("data: x\n\n"u8);

            Assert.Equal(9, await reading);
        }
    }

    [Theory]
    [InlineData(": still here\n\n", 1)]
    [InlineData("event: ping\n\n", 3)]
    [InlineData("data:\n\n", 7)]
    [InlineData("\n", 59)]
    public async Task Bytes_without_data_pass_and_do_not_restart_the_timeout(string text, int seconds)
    {
        using var provider = new TrickleStream();
        await using var stream = Guard(provider);
        var buffer = new byte[4096];
        var first = stream.ReadAsync(buffer).AsTask();
        _time.Advance(TimeSpan.FromMinutes(9));
        provider.Deliver("data: x\n\n"u8);
        await first;
        for (var waited = seconds; waited < 600; waited += seconds)
        {
            var reading = stream.ReadAsync(buffer);
            _time.Advance(TimeSpan.FromSeconds(seconds));
            provider.Deliver(Encoding.UTF8.GetBytes(text));

            Assert.Equal(text, Encoding.UTF8.GetString(buffer, 0, await reading));

            // The time between two reads of a slow client does not count as silence of the provider.
            _time.Advance(TimeSpan.FromSeconds(30));
        }

        var last = stream.ReadAsync(buffer).AsTask();
        _time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.Contains("PROVIDER_TIMEOUT", Encoding.UTF8.GetString(buffer, 0, await last.WaitAsync(Eventually.Timeout, TimeProvider.System)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pieces_of_a_slow_event_restart_the_timeout()
    {
        using var provider = new TrickleStream();
        await using var stream = Guard(provider);
        var buffer = new byte[64];
        foreach (var piece in (string[])["da", "ta: {", "\"a\":", "1", "}", "\n\n", "data: y"])
        {
            var reading = stream.ReadAsync(buffer);
            _time.Advance(TimeSpan.FromMinutes(piece == "\n\n" ? 1 : piece == "data: y" ? 8 : 4.9));
            provider.Deliver(Encoding.UTF8.GetBytes(piece));

            Assert.Equal(piece, Encoding.UTF8.GetString(buffer, 0, await reading));
        }
    }

    [Fact]
    public async Task Silence_past_the_timeout_gives_the_timeout_event_and_then_the_end()
    {
        using var provider = new TrickleStream();
        await using var stream = Guard(provider);
        var buffer = new byte[4096];
        var reading = stream.ReadAsync(buffer);
        provider.Deliver("x"u8);
        await reading;

        var last = stream.ReadAsync(buffer);
        _time.Advance(TimeSpan.FromMinutes(10));

        Assert.Contains("PROVIDER_TIMEOUT", Encoding.UTF8.GetString(buffer, 0, await last), StringComparison.Ordinal);
        Assert.Equal(0, await stream.ReadAsync(buffer));
    }

    [Fact]
    public async Task An_error_event_arrives_completely_through_a_one_byte_buffer_and_after_empty_reads()
    {
        // YARP trap 12: the forwarder begins with zero-byte reads, so zero bytes read there is not the end.
        using var provider = new TrickleStream();
        await using var stream = Guard(provider);
        var reading = stream.ReadAsync(new byte[1]);
        provider.Deliver("x"u8);
        await reading;
        var breaking = stream.ReadAsync(Memory<byte>.Empty);
        provider.Break();
        Assert.Equal(0, await breaking);

        var words = new List<byte>();
        var one = new byte[1];
        while (await stream.ReadAsync(one) > 0)
        {
            words.Add(one[0]);
            Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty));
        }

        var text = Encoding.UTF8.GetString([.. words]);
        Assert.StartsWith("\n\ndata: {\"error\":{", text, StringComparison.Ordinal);
        Assert.EndsWith("}\n\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_disconnects_is_no_failure_of_the_provider()
    {
        using var provider = new TrickleStream();
        await using var stream = Guard(provider);
        using var caller = new CancellationTokenSource();
        var reading = stream.ReadAsync(new byte[16], caller.Token);
        provider.Deliver("x"u8);
        await reading;

        var waiting = stream.ReadAsync(new byte[16], caller.Token);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
    }

    [Fact]
    public async Task The_timeout_counts_only_the_time_spent_waiting_for_the_provider()
    {
        using var provider = new TrickleStream();
        await using var stream = Guard(provider);
        var buffer = new byte[64 * 1024];
        var reading = stream.ReadAsync(buffer);
        _time.Advance(TimeSpan.FromMinutes(9));
        provider.Deliver("data: x"u8);
        await reading;

        // The client was slow. No read of the provider was pending, so this time does not count as silence.
        _time.Advance(TimeSpan.FromMinutes(30));
        var last = stream.ReadAsync(buffer);
        _time.Advance(TimeSpan.FromMinutes(9));
        Assert.False(last.IsCompleted);
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Contains("PROVIDER_TIMEOUT", Encoding.UTF8.GetString(buffer, 0, await last), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_breaks_off_before_the_first_byte_causes_an_exception()
    {
        using var provider = new TrickleStream();
        await using var broken = Guard(provider);
        var breaking = broken.ReadAsync(new byte[16]);
        provider.Break();
        await Assert.ThrowsAsync<IOException>(async () => await breaking);

        await using var silent = Guard(provider);
        var waiting = silent.ReadAsync(new byte[16]);
        _time.Advance(TimeSpan.FromMinutes(10));
        await Assert.ThrowsAsync<TimeoutException>(async () => await waiting);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(64 * 1024)]
    public async Task Chunks_that_must_be_awaited_allocate_nothing(int room)
    {
        using var provider = new TrickleStream();
        await using var stream = Guard(provider, TimeProvider.System);
        using var caller = new CancellationTokenSource();
        var buffer = new byte[room];

        // Without a synchronisation context, a delivery completes the read in place, so everything runs on one thread.
        void Pass(int chunks)
        {
            for (var i = 0; i < chunks; i++)
            {
                var reading = stream.ReadAsync(buffer, caller.Token);
                provider.Deliver("data: {}\n\n"u8);
                if (!reading.IsCompletedSuccessfully || reading.Result != 10)
                {
                    throw new InvalidOperationException("The chunk did not pass in place.");
                }
            }
        }

        var min = await Task.Run(() =>
        {
            Pass(5_000);
            var rounds = new long[5];
            for (var round = 0; round < rounds.Length; round++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                Pass(1_000);
                rounds[round] = GC.GetAllocatedBytesForCurrentThread() - before;
            }

            return rounds.Min();
        });

        Assert.True(min < BytesPerChunk * 1_000, $"{min / 1_000.0} bytes per chunk.");
    }

    private ResponseStream Guard(TrickleStream provider, TimeProvider? time = null) =>
        SomeAttempt.Open(SomeAttempt.At(Provider, () => { }), provider, isEventStream: true, length: null, time ?? _time);
}
