using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>A client on one bare connection: it shows how an answer was framed and how the connection ended.</summary>
public sealed class RawClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly List<byte> _unread = [];

    private RawClient(Socket socket) => _socket = socket;

    public static async Task<RawClient> ConnectAsync(Uri address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address.Host, address.Port);
        return new RawClient(socket);
    }

    public async Task SendAsync(string text) => await _socket.SendAsync(Encoding.UTF8.GetBytes(text));

    public Task PostAsync(string key, string path, string body, string headers = "") => SendAsync(
        $"POST {path} HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n{headers}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

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

    /// <summary>A whole answer with Content-Length.</summary>
    public async Task<(string Head, string Body)> ReadAnswerAsync()
    {
        var head = await ReadHeadAsync();
        var length = head.Split("\r\n").Single(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Split(':')[1];
        return (head, Encoding.UTF8.GetString(await ReadAsync(int.Parse(length, CultureInfo.InvariantCulture))));
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

        return (Encoding.UTF8.GetString([.. _unread]), reset);
    }

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
        while ((at = _unread.ToArray().AsSpan().IndexOf(end)) < 0)
        {
            await FillOrFailAsync();
        }

        return Take(at + end.Length);
    }

    private async Task<byte[]> ReadAsync(int count)
    {
        while (_unread.Count < count)
        {
            await FillOrFailAsync();
        }

        return Take(count);
    }

    private byte[] Take(int count)
    {
        byte[] taken = [.. _unread.Take(count)];
        _unread.RemoveRange(0, count);
        return taken;
    }

    private async Task FillOrFailAsync()
    {
        if (!await FillAsync())
        {
            throw new EndOfStreamException($"The connection ended after: {Encoding.UTF8.GetString([.. _unread])}");
        }
    }

    private async Task<bool> FillAsync()
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        var count = await _socket.ReceiveAsync(_buffer, limit.Token);
        _unread.AddRange(_buffer.AsSpan(0, count));
        return count > 0;
    }
}
