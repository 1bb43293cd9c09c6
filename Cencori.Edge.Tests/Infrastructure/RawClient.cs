using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>
/// A client on one bare connection. What stalls, is cut, lies about its length or follows another request on the same
/// connection no other can send, nor can another tell how a response was framed and how the connection ended.
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

    /// <param name="edge">Its address.</param>
    /// <param name="from">Another address of this machine, such as 127.0.0.2, where it matters who is asking.</param>
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

    /// <summary>There is something of a response to read.</summary>
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

    /// <summary>Head of a POST; <paramref name="framing"/> is its Content-Length or Transfer-Encoding line, and others if need be.</summary>
    public Task SendHeadAsync(string key, string path, string contentType, string framing) =>
        SendAsync($"POST {path} HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {key}\r\nContent-Type: {contentType}\r\n{framing}\r\n\r\n");

    public Task PostAsync(string key, string path, string body, string headers = "") => SendAsync(
        $"POST {path} HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

    /// <summary>Sends until the edge takes no more or has begun to answer.</summary>
    /// <returns>The bytes the socket accepted; some of them may still lie in the kernels' buffers.</returns>
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
            // Closed: what it said before that can still be read.
        }

        return sent;
    }

    /// <summary>Status line and headers, without the empty line.</summary>
    public async Task<string> ReadHeadAsync() => Encoding.Latin1.GetString(await ReadThroughAsync("\r\n\r\n"u8.ToArray()))[..^4];

    /// <summary>The next chunk; empty for the one that ends the body.</summary>
    public async Task<byte[]> ReadChunkAsync()
    {
        var line = Encoding.Latin1.GetString(await ReadThroughAsync("\r\n"u8.ToArray()))[..^2];
        var chunk = await ReadAsync(int.Parse(line, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        await ReadThroughAsync("\r\n"u8.ToArray());
        return chunk;
    }

    /// <summary>One whole response with a Content-Length or in chunks; interim answers (1xx) are answers too.</summary>
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

    /// <summary>Everything up to the end of the connection; <c>WasReset</c> when that end was not orderly.</summary>
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

    /// <summary>True when the edge has closed the connection, orderly or not, and sent nothing more before.</summary>
    public async Task<bool> IsClosedAsync() => (await ReadToEndAsync()).Text.Length == 0;

    /// <summary>Goes away with a reset, as a killed process does.</summary>
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
