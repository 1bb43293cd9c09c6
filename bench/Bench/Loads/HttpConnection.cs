using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Cencori.Edge.Bench.Subjects;

namespace Cencori.Edge.Bench.Loads;

/// <summary>
/// A connection that sends one prepared request after another. It parses responses only as far as needed to find their end, because
/// the cost of a heavier client would distort the figures.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private static readonly byte[] EndOfChunks = "\r\n0\r\n\r\n"u8.ToArray();

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[32 * 1024];

    public static byte[] Prepare(Subject subject, string key, Load load)
    {
        var head = new StringBuilder("POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n");
        head.Append(CultureInfo.InvariantCulture, $"Authorization: Bearer {key}\r\nUser-Agent: {load.UserAgent}\r\nContent-Length: {load.Body.Length}\r\n");
        foreach (var (name, value) in subject.Headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        return [.. Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), .. load.Body];
    }

    public async Task OpenAsync(int port) => await _socket.ConnectAsync(IPAddress.Loopback, port);

    public void Send(byte[] request)
    {
        for (var sent = 0; sent < request.Length;)
        {
            sent += _socket.Send(request.AsSpan(sent));
        }
    }

    /// <summary>Reads one response to its end.</summary>
    /// <param name="seen">Receives the body as it comes, including framing. From the second call on, up to 24 bytes of the previous call are repeated at the start.</param>
    /// <exception cref="BenchException">The status is not 200, or the response breaks off.</exception>
    public async Task ReadResponseAsync(Action<ReadOnlyMemory<byte>>? seen = null)
    {
        var held = 0;
        var headEnd = -1;
        while (headEnd < 0)
        {
            held += await ReceiveAsync(held);
            headEnd = _buffer.AsSpan(0, held).IndexOf("\r\n\r\n"u8);
        }

        var body = headEnd + 4;
        var head = Encoding.ASCII.GetString(_buffer, 0, headEnd);
        if (!head.StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
        {
            throw new BenchException($"A response to the load is not successful:\n{head}\n{Encoding.UTF8.GetString(_buffer, body, held - body)}");
        }

        if (Length(head) is { } length)
        {
            for (var left = length - (held - body); left > 0;)
            {
                left -= await ReceiveAsync(0);
            }

            return;
        }

        const int overlap = 24;
        var from = body;
        while (true)
        {
            seen?.Invoke(_buffer.AsMemory(from, held - from));
            if (_buffer.AsSpan(0, held).EndsWith(EndOfChunks))
            {
                return;
            }

            var kept = Math.Min(overlap, held - body);
            _buffer.AsSpan(held - kept, kept).CopyTo(_buffer);
            (from, body) = (0, 0);
            held = kept + await ReceiveAsync(kept);
        }
    }

    public void Dispose() => _socket.Dispose();

    private static long? Length(string head)
    {
        const string name = "\r\ncontent-length:";
        var at = head.IndexOf(name, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return null;
        }

        var value = head.AsSpan(at + name.Length);
        var end = value.IndexOf('\r');
        return long.Parse(end < 0 ? value : value[..end], CultureInfo.InvariantCulture);
    }

    private async ValueTask<int> ReceiveAsync(int at)
    {
        var received = await _socket.ReceiveAsync(_buffer.AsMemory(at));
        return received > 0 ? received : throw new BenchException("A connection of the load was closed in the middle of a response.");
    }
}
