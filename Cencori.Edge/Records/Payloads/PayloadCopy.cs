using Cencori.Edge.Streams;

namespace Cencori.Edge.Records.Payloads;

/// <summary>
/// The beginning of a request's body and of its response, for a project that keeps payloads. Called from one thread at a time, and complete
/// when the request has ended.
/// </summary>
public sealed class PayloadCopy : IResponseObserver
{
    /// <summary>Of each of the two at most as much is kept, in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    private const int FirstBufferBytes = 4 * 1024;

    private byte[] _response = [];
    private int _length;
    private bool _isText;

    /// <summary>The body as the caller sent it; null where it has none, or one that is not JSON.</summary>
    public byte[]? Request { get; private set; }

    public bool IsRequestTruncated { get; private set; }

    /// <summary>The response's bytes as the provider sent them; empty where there were none, or none of JSON or events.</summary>
    public ReadOnlySpan<byte> Response => _response.AsSpan(0, _length);

    public bool IsAnswerTruncated { get; private set; }

    public void SetRequest(ReadOnlySpan<byte> body)
    {
        Request = body[..Math.Min(body.Length, MaxBytes)].ToArray();
        IsRequestTruncated = body.Length > MaxBytes;
    }

    /// <summary>Before the first byte of a response.</summary>
    /// <param name="isText">Else nothing of it is kept.</param>
    public void Begin(bool isText) => (_isText, _length, IsAnswerTruncated) = (isText, 0, false);

    /// <summary>The next bytes, which are copied.</summary>
    public void Read(ReadOnlySpan<byte> piece)
    {
        if (!_isText)
        {
            return;
        }

        var kept = piece[..Math.Min(piece.Length, MaxBytes - _length)];
        IsAnswerTruncated |= kept.Length < piece.Length;
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
