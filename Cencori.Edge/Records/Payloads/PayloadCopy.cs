using Cencori.Edge.Streams;

namespace Cencori.Edge.Records.Payloads;

/// <summary>
/// Copies the beginning of the request body and of the response, for a project that logs payloads. Only one thread at a time uses a copy. The copy is
/// complete when the request has ended.
/// </summary>
public sealed class PayloadCopy : IResponseObserver
{
    /// <summary>Maximum number of bytes copied from the request body. The same maximum applies to the response.</summary>
    public const int MaxBytes = 64 * 1024;

    private const int FirstBufferBytes = 4 * 1024;

    private byte[] _response = [];
    private int _length;
    private bool _isText;

    /// <summary>The request body as the caller sent it. Null: there was no body, or it was not JSON.</summary>
    public byte[]? Request { get; private set; }

    public bool IsRequestTruncated { get; private set; }

    /// <summary>The response as the provider sent it. Empty: there was no response, or it was neither JSON nor server-sent events.</summary>
    public ReadOnlySpan<byte> Response => _response.AsSpan(0, _length);

    public bool IsResponseTruncated { get; private set; }

    public void SetRequest(ReadOnlySpan<byte> body)
    {
        Request = body[..Math.Min(body.Length, MaxBytes)].ToArray();
        IsRequestTruncated = body.Length > MaxBytes;
    }

    /// <summary>Called before the first byte of a response. Discards the copy of an earlier attempt.</summary>
    /// <param name="isText">True: the response is JSON or an event stream. Other responses are not copied.</param>
    public void Begin(bool isText) => (_isText, _length, IsResponseTruncated) = (isText, 0, false);

    /// <summary>Copies the next bytes of the response.</summary>
    public void Read(ReadOnlySpan<byte> piece)
    {
        if (!_isText)
        {
            return;
        }

        var kept = piece[..Math.Min(piece.Length, MaxBytes - _length)];
        IsResponseTruncated |= kept.Length < piece.Length;
        if (_length + kept.Length > _response.Length)
        {
            Array.Resize(ref _response, Math.Min(MaxBytes, Math.Max(FirstBufferBytes, Math.Max(_response.Length * 2, _length + kept.Length))));
        }

        kept.CopyTo(_response.AsSpan(_length));
        _length += kept.Length;
    }

    public bool ReadEvent(ReadOnlySpan<byte> text)
    {
        Read(text);
        return true;
    }
}
