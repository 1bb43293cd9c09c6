using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>
/// A client that writes its requests by hand: what stalls, is cut, lies about its length or follows another request on the
/// same connection cannot be sent by any other.
/// </summary>
internal sealed class WireClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TcpClient _client = new() { NoDelay = true };
    private byte[] _read = [];

    private WireClient()
    {
    }

    public static async Task<WireClient> ConnectAsync(RunningEdge edge)
    {
        var client = new WireClient();
        await client._client.ConnectAsync(edge.Address.Host, edge.Address.Port);
        return client;
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        await _client.GetStream().WriteAsync(bytes, limit.Token);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public Task SendChunkAsync(ReadOnlyMemory<byte> bytes) =>
        SendAsync((byte[])[.. Encoding.Latin1.GetBytes($"{bytes.Length:x}\r\n"), .. bytes.Span, .. "\r\n"u8]);

    /// <summary>Head of a POST; <paramref name="framing"/> is its Content-Length or Transfer-Encoding line, and others if need be.</summary>
    public Task SendHeadAsync(string path, string key, string contentType, string framing) =>
        SendAsync($"POST {path} HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {key}\r\nContent-Type: {contentType}\r\n{framing}\r\n\r\n");

    /// <summary>Sends until the edge takes no more or has begun to answer.</summary>
    /// <returns>The bytes the socket accepted; some of them may still lie in the kernels' buffers.</returns>
    public async Task<long> SendUntilAnsweredAsync(Func<int, ReadOnlyMemory<byte>> piece, int pieces)
    {
        var sent = 0L;
        try
        {
            for (var i = 0; i < pieces && _client.Available == 0; i++)
            {
                var bytes = piece(i);
                await SendAsync(bytes);
                sent += bytes.Length;
            }
        }
        catch (IOException)
        {
            // Closed: what it said before that can still be read.
        }

        return sent;
    }

    /// <summary>One whole answer with a Content-Length or in chunks; interim answers (1xx) are answers too.</summary>
    public async Task<WireAnswer> ReadAnswerAsync()
    {
        var head = Encoding.Latin1.GetString(await ReadThroughAsync("\r\n\r\n"u8.ToArray()));
        var status = int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture);
        var headers = head.Split("\r\n")[1..^2].Select(line => line.Split(": ", 2)).ToLookup(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        var body = new List<byte>();
        if (headers["Content-Length"].SingleOrDefault() is { } length)
        {
            body.AddRange(await ReadAsync(int.Parse(length, CultureInfo.InvariantCulture)));
        }
        else if (headers.Contains("Transfer-Encoding"))
        {
            int size;
            do
            {
                size = int.Parse(Encoding.Latin1.GetString(await ReadThroughAsync("\r\n"u8.ToArray())).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                body.AddRange((await ReadAsync(size + 2))[..size]);
            }
            while (size > 0);
        }

        return new WireAnswer(status, headers, Encoding.UTF8.GetString([.. body]));
    }

    /// <summary>True when the edge has closed the connection, orderly or not, and sent nothing more before.</summary>
    public async Task<bool> IsClosedAsync()
    {
        try
        {
            return _read.Length == 0 && await ReceiveAsync() == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Leaves without a word of farewell.</summary>
    public void Reset() => _client.Client.Close(0);

    public void Dispose() => _client.Dispose();

    private async Task<byte[]> ReadThroughAsync(byte[] end)
    {
        int at;
        while ((at = _read.AsSpan().IndexOf(end)) < 0)
        {
            await ReceiveOrFailAsync();
        }

        return await ReadAsync(at + end.Length);
    }

    private async Task<byte[]> ReadAsync(int count)
    {
        while (_read.Length < count)
        {
            await ReceiveOrFailAsync();
        }

        var taken = _read[..count];
        _read = _read[count..];
        return taken;
    }

    private async Task ReceiveOrFailAsync()
    {
        if (await ReceiveAsync() == 0)
        {
            throw new EndOfStreamException($"The edge closed the connection after '{Encoding.Latin1.GetString(_read)}'.");
        }
    }

    private async Task<int> ReceiveAsync()
    {
        using var limit = new CancellationTokenSource(Patience, TimeProvider.System);
        var buffer = new byte[16 * 1024];
        var count = await _client.GetStream().ReadAsync(buffer, limit.Token);
        _read = [.. _read, .. buffer.AsSpan(0, count)];
        return count;
    }
}

internal sealed record WireAnswer(int Status, ILookup<string, string> Headers, string Body)
{
    /// <summary>Of an error in the nested dialect.</summary>
    public string? ErrorCode => (string?)JsonNode.Parse(Body)?["error"]?["code"];
}
