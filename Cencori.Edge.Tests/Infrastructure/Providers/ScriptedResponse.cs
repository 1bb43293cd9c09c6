using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Cencori.Edge.Tests.Infrastructure.Providers;

/// <summary>
/// The response to one request, byte for byte as the script writes it. Adds no header, and each send is one write.
/// </summary>
public sealed partial class ScriptedResponse
{
    private readonly ProviderConnection _connection;
    private readonly ReceivedRequest _request;
    private bool _headSent;
    private bool _chunksOpen;
    private bool _untilClose;
    private long? _remaining;
    private volatile bool _over;

    internal ScriptedResponse(ProviderConnection connection, ReceivedRequest request)
    {
        _connection = connection;
        _request = request;
    }

    /// <summary>True: the response is complete. From then on, a disconnect of the peer is not an abort.</summary>
    internal bool IsOver => _over;

    internal bool KeepsAlive => !_untilClose;

    internal string? Missing =>
        _over ? null
        : !_headSent ? "no head was sent"
        : _remaining > 0 ? $"{_remaining} bytes of the announced body are missing"
        : _chunksOpen ? "EndChunksAsync was not called"
        : null;

    public async Task SendHeadAsync(int status, params (string Name, string Value)[] headers)
    {
        var head = string.Concat(headers.Select(header => $"{header.Name}: {header.Value}\r\n"));
        if (status >= 200)
        {
            _headSent = true;
            NoteFraming(status, headers);
        }

        await _connection.SendAsync(Encoding.Latin1.GetBytes(
            $"HTTP/1.1 {status} {ReasonPhrases.GetReasonPhrase(status)}\r\n{head}\r\n"));
    }

    /// <summary>Sends bytes unchanged; the script must frame them.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        _remaining -= bytes.Length;
        if (_remaining <= 0)
        {
            MarkOver();
        }

        await _connection.SendAsync(bytes);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public Task SendChunkAsync(ReadOnlyMemory<byte> bytes)
    {
        // An empty chunk ends the body; use EndChunksAsync for that.
        ArgumentOutOfRangeException.ThrowIfZero(bytes.Length);
        _chunksOpen = true;
        return _connection.SendAsync((byte[])[.. Encoding.Latin1.GetBytes($"{bytes.Length:x}\r\n"), .. bytes.Span, .. "\r\n"u8]);
    }

    public Task SendChunkAsync(string text) => SendChunkAsync(Encoding.UTF8.GetBytes(text));

    public Task EndChunksAsync()
    {
        MarkOver();
        return _connection.SendAsync("0\r\n\r\n"u8.ToArray());
    }

    public Task PauseAsync(TimeSpan pause) => Task.Delay(pause, _connection.Time, _connection.Stopping);

    /// <summary>Waits for a task of the test. Also ends when the provider is disposed, so that a failed test does not hang.</summary>
    public Task HoldAsync(Task gate) => gate.WaitAsync(_connection.Stopping);

    public Task WaitForAbortAsync() => _request.Aborted.WaitAsync(_connection.Stopping);

    /// <summary>Sends RST. Bytes that the peer has not read yet may be lost; use HoldAsync before if they matter.</summary>
    public Task ResetAsync() => EndConnectionAsync(reset: true);

    /// <summary>Sends FIN, at any point of the body.</summary>
    public Task CloseAsync() => EndConnectionAsync(reset: false);

    internal void MarkOver() => _over |= !_connection.PeerIsGone;

    private Task EndConnectionAsync(bool reset)
    {
        MarkOver();
        return _connection.HangUpAsync(reset);
    }

    private void NoteFraming(int status, (string Name, string Value)[] headers)
    {
        bool Has(string name, string? value = null) => headers.Any(header =>
            header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)
            && (value is null || header.Value.Equals(value, StringComparison.OrdinalIgnoreCase)));

        var bodyless = status is 204 or 304 || _request.Method == "HEAD";
        var length = headers.LastOrDefault(header => header.Name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)).Value;
        _remaining = bodyless ? 0 : length is null ? null : long.Parse(length, CultureInfo.InvariantCulture);
        _untilClose = Has("Connection", "close") || (_remaining is null && !Has("Transfer-Encoding"));
        if (_remaining == 0)
        {
            MarkOver();
        }
    }
}
