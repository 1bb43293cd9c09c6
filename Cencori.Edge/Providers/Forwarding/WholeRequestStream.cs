using System.Buffers;
using System.Globalization;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>
/// An HTTP/1.1 connection that holds back the first bytes of a request until the next bytes come, and sends both in one write. The HTTP client
/// writes its buffer of 4 KB as soon as the buffer is full, so a prompt of 5 KB would cost both sides the work of two messages.
/// </summary>
/// <remarks>
/// The stream holds back only a full buffer that begins with a request head whose <c>Content-Length</c> exceeds the rest of the buffer,
/// so that more bytes must follow at once. A read first sends the bytes that are held back.
/// </remarks>
internal sealed class WholeRequestStream(Stream inner) : ForwardOnlyStream
{
    // The HTTP client's own buffer size. A shorter write is complete, so it is sent at once.
    private const int ClientBufferBytes = 4 * 1024;
    private const int MaxTogether = 64 * 1024;

    private byte[]? _kept;
    private int _length;

    public override bool CanWrite => true;

    /// <summary>True if these bytes are the beginning of a request and more bytes of it must follow.</summary>
    internal static bool IsBeginning(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0 || !bytes.StartsWith("POST "u8))
        {
            return false;
        }

        var name = bytes[..end].IndexOf("\r\nContent-Length: "u8);
        if (name < 0)
        {
            return false;
        }

        var value = bytes[(name + "\r\nContent-Length: "u8.Length)..(end + 2)];
        return long.TryParse(value[..value.IndexOf("\r\n"u8)], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            && length > bytes.Length - end - "\r\n\r\n"u8.Length;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_kept is not null)
        {
            return SendAsync(buffer, cancellationToken);
        }

        if (buffer.Length != ClientBufferBytes || !IsBeginning(buffer.Span))
        {
            return inner.WriteAsync(buffer, cancellationToken);
        }

        _kept = ArrayPool<byte>.Shared.Rent(MaxTogether);
        buffer.CopyTo(_kept);
        _length = buffer.Length;
        return default;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _kept is null ? inner.ReadAsync(buffer, cancellationToken) : SendAndReadAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        _kept is null ? inner.FlushAsync(cancellationToken) : SendAsync(ReadOnlyMemory<byte>.Empty, cancellationToken).AsTask();

    public override void Flush() => throw new NotSupportedException("Use FlushAsync: the edge writes asynchronously.");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> rest, CancellationToken cancellationToken)
    {
        var kept = _kept!;
        _kept = null;
        try
        {
            if (_length + rest.Length <= kept.Length)
            {
                rest.CopyTo(kept.AsMemory(_length));
                await inner.WriteAsync(kept.AsMemory(0, _length + rest.Length), cancellationToken);
                return;
            }

            await inner.WriteAsync(kept.AsMemory(0, _length), cancellationToken);
            await inner.WriteAsync(rest, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(kept);
        }
    }

    private async ValueTask<int> SendAndReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        await SendAsync(ReadOnlyMemory<byte>.Empty, cancellationToken);
        return await inner.ReadAsync(buffer, cancellationToken);
    }
}
