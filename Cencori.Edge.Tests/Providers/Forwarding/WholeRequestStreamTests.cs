using System.Text;
using Cencori.Edge.Providers.Forwarding;
using CsCheck;

namespace Cencori.Edge.Tests.Providers.Forwarding;

public sealed class WholeRequestStreamTests
{
    private const int Buffer = 4 * 1024;

    [Theory]
    [InlineData("POST /v1/chat HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell", true)]
    [InlineData("POST /v1/chat HTTP/1.1\r\nContent-Length: 5\r\nHost: a\r\n\r\n", true)]
    [InlineData("POST /v1/chat HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", false)]
    [InlineData("POST /v1/chat HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", false)]
    [InlineData("POST /v1/chat HTTP/1.1\r\nContent-Length: five\r\n\r\n", false)]
    [InlineData("POST /v1/chat HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", false)]
    [InlineData("POST /v1/chat HTTP/1.1\r\nHost: a\r\n\r\nContent-Length: 500\r\n\r\n", false)]
    [InlineData("POST /v1/chat HTTP/1.1\r\nContent-Length: 5\r\n", false)]
    [InlineData("GET /v1/files HTTP/1.1\r\nContent-Length: 5\r\n\r\n", false)]
    [InlineData("some of a body", false)]
    public void An_incomplete_request_is_recognised_by_its_Content_Length(string text, bool isBeginning) =>
        Assert.Equal(isBeginning, WholeRequestStream.IsBeginning(Encoding.ASCII.GetBytes(text)));

    [Theory]
    [InlineData(1)]
    [InlineData(4_000)]
    [InlineData(60_000)]
    public async Task The_beginning_and_the_rest_of_a_request_are_sent_together(int rest)
    {
        var (sent, stream) = Open();
        await stream.WriteAsync(Beginning(rest));
        Assert.Empty(sent.Writes);

        await stream.WriteAsync(new byte[rest]);

        Assert.Equal([Buffer + rest], sent.Writes);
    }

    [Fact]
    public async Task A_large_rest_is_not_copied()
    {
        var (sent, stream) = Open();
        await stream.WriteAsync(Beginning(100_000));
        await stream.WriteAsync(new byte[100_000]);

        Assert.Equal([Buffer, 100_000], sent.Writes);
    }

    [Fact]
    public async Task A_read_or_a_flush_sends_the_beginning_first()
    {
        var (sent, stream) = Open();
        await stream.WriteAsync(Beginning(10));
        _ = await stream.ReadAsync(new byte[1]);
        Assert.Equal([Buffer], sent.Writes);

        await stream.WriteAsync(Beginning(10));
        await stream.FlushAsync();
        Assert.Equal([Buffer, Buffer], sent.Writes);
    }

    [Fact]
    public void All_writes_arrive_in_order() => Gen.Select(Gen.Int[0, 9_000], Gen.Bool).Array[1, 12].Sample(writes =>
    {
        var (sent, stream) = Open();
        var expected = new MemoryStream();
        foreach (var (size, isBeginning) in writes)
        {
            var bytes = isBeginning ? Beginning(size + 1) : Enumerable.Range(0, size).Select(i => (byte)(i * 7)).ToArray();
            expected.Write(bytes);
            stream.WriteAsync(bytes).AsTask().GetAwaiter().GetResult();
        }

        stream.FlushAsync().GetAwaiter().GetResult();

        Assert.Equal(expected.ToArray(), sent.ToArray());
    }, iter: 200);

    private static (SentStream Sent, WholeRequestStream Stream) Open()
    {
        var sent = new SentStream();
        return (sent, new WholeRequestStream(sent));
    }

    // Request headers, and as much of the body as fits into the client's buffer.
    private static byte[] Beginning(int rest)
    {
        var bytes = new byte[Buffer];

        // The number of digits of the length changes the size of the headers, so for some sizes no length fits. A longer host name then makes one fit.
        foreach (var host in (string[])["a", "ab"])
        {
            for (var length = Buffer + rest; length > rest; length--)
            {
                var head = Encoding.ASCII.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n");
                if (Buffer - head.Length + rest == length)
                {
                    head.CopyTo(bytes, 0);
                    return bytes;
                }
            }
        }

        throw new InvalidOperationException($"No request head leaves {rest} bytes after the buffer.");
    }

    /// <summary>Covers the lengths where the number of digits changes. A random generator would hardly ever produce them.</summary>
    [Fact]
    public void A_beginning_exists_for_every_size_of_the_rest() => Assert.All(Enumerable.Range(1, 9_001), rest => Assert.True(WholeRequestStream.IsBeginning(Beginning(rest))));

    private sealed class SentStream : MemoryStream
    {
        public List<int> Writes { get; } = [];

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Writes.Add(buffer.Length);
            Write(buffer.Span);
            return default;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(0);
    }
}
