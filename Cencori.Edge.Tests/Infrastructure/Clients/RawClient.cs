using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Infrastructure.Clients;

/// <summary>
/// A client on a plain socket. It can send stalled, truncated, wrongly framed or pipelined requests, and sees how a response was framed and how the
/// connection ended. Other clients can do neither.
/// </summary>
public sealed class RawClient : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[16 * 1024];
    private byte[] _unread = [];

    private RawClient()
    {
    }

    public static Task<RawClient> ConnectAsync(RunningEdge edge) => ConnectAsync(edge.Address);

    /// <param name="edge">Address of the edge.</param>
    /// <param name="from">Source address of this machine, such as 127.0.0.2, for tests where the client's address matters.</param>
    public static async Task<RawClient> ConnectAsync(Uri edge, string? from = null)
    {
        var client = new RawClient();
        if (from is not null)
        {
            client._socket.Bind(new IPEndPoint(IPAddress.Parse(from).MapToIPv6(), 0));
        }

        await client._socket.ConnectAsync(edge.Host, edge.Port);
        return client;
    }

    /// <summary>Some bytes of a response can be read.</summary>
    public bool HasResponse => _unread.Length > 0 || _socket.Available > 0;

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        using var limit = new CancellationTokenSource(Eventually.Timeout, TimeProvider.System);
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes, limit.Token)..];
        }
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public Task SendChunkAsync(ReadOnlyMemory<byte> bytes) =>
        SendAsync((byte[])[.. Encoding.Latin1.GetBytes($"{bytes.Length:x}\r\n"), .. bytes.Span, .. "\r\n"u8]);

    /// <summary>Sends the head of a POST. <paramref name="framing"/> is its Content-Length or Transfer-Encoding line, and any further headers.</summary>
    public Task SendHeadAsync(string key, string path, string contentType, string framing) =>
        SendAsync($"POST {path} HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {key}\r\nContent-Type: {contentType}\r\n{framing}\r\n\r\n");

    public Task PostAsync(string key, string path, string body, string headers = "") => SendAsync(
        $"POST {path} HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

    /// <summary>Sends until the edge stops reading or begins to respond.</summary>
    /// <returns>Bytes that the socket accepted; some may still be in kernel buffers.</returns>
    public async Task<long> SendUntilResponseAsync(ReadOnlyMemory<byte> piece, int pieces)
    {
        var sent = 0L;
        try
        {
            for (var i = 0; i < pieces && _socket.Available == 0; i++)
            {
                await SendAsync(piece);
                sent += piece.Length;
            }
        }
        catch (SocketException)
        {
            // The connection is closed; bytes sent before that can still be read.
        }

        return sent;
    }

    /// <summary>Reads the status line and headers, without the empty line.</summary>
    public async Task<string> ReadHeadAsync() => Encoding.Latin1.GetString(await ReadThroughAsync("\r\n\r\n"u8.ToArray()))[..^4];

    /// <summary>Reads the next chunk; empty for the last one.</summary>
    public async Task<byte[]> ReadChunkAsync()
    {
        var line = Encoding.Latin1.GetString(await ReadThroughAsync("\r\n"u8.ToArray()))[..^2];
        var chunk = await ReadAsync(int.Parse(line, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        await ReadThroughAsync("\r\n"u8.ToArray());
        return chunk;
    }

    /// <summary>Reads one complete response with a Content-Length or in chunks. Interim responses (1xx) count as responses.</summary>
    public async Task<RawResponse> ReadResponseAsync()
    {
        var head = new RawResponse(await ReadHeadAsync(), "");
        var body = new List<byte>();
        if (head.Headers["Content-Length"].SingleOrDefault() is { } length)
        {
            body.AddRange(await ReadAsync(int.Parse(length, CultureInfo.InvariantCulture)));
        }
        else if (head.Headers.Contains("Transfer-Encoding"))
        {
            while (await ReadChunkAsync() is { Length: > 0 } chunk)
            {
                body.AddRange(chunk);
            }
        }

        return head with { Body = Encoding.UTF8.GetString([.. body]) };
    }

    /// <summary>Reads to the end of the connection. <c>WasReset</c>: the end was not orderly.</summary>
    public async Task<(string Text, bool WasReset)> ReadToEndAsync()
    {
        var reset = false;
        try
        {
            while (await FillAsync())
            {
            }
        }
        catch (SocketException)
        {
            reset = true;
        }

        return (Encoding.UTF8.GetString(_unread), reset);
    }

    /// <summary>True if the edge has closed the connection, orderly or not, without sending anything more.</summary>
    public async Task<bool> IsClosedAsync() => (await ReadToEndAsync()).Text.Length == 0;

    /// <summary>Disconnects with a reset, as a killed process does.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Dispose();
    }

    public void Dispose() => _socket.Dispose();

    private async Task<byte[]> ReadThroughAsync(byte[] end)
    {
        int at;
        while ((at = _unread.AsSpan().IndexOf(end)) < 0)
        {
            await FillOrFailAsync();
        }

        return Take(at + end.Length);
    }

    private async Task<byte[]> ReadAsync(int count)
    {
        while (_unread.Length < count)
        {
            await FillOrFailAsync();
        }

        return Take(count);
    }

    private byte[] Take(int count)
    {
        var taken = _unread[..count];
        _unread = _unread[count..];
        return taken;
    }

    private async Task FillOrFailAsync()
    {
        if (!await FillAsync())
        {
            throw new EndOfStreamException($"The connection ended after: {Encoding.UTF8.GetString(_unread)}");
        }
    }

    private async Task<bool> FillAsync()
    {
        using var limit = new CancellationTokenSource(Eventually.Timeout, TimeProvider.System);
        var count = await _socket.ReceiveAsync(_buffer, limit.Token);
        _unread = [.. _unread, .. _buffer.AsSpan(0, count)];
        return count > 0;
    }
}
