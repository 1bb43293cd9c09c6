using System.IO.Compression;
using System.Net.Http.Headers;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Providers.Forwarding.ResponseBodies;

/// <summary>
/// Decodes a body that a provider compressed although the edge asked for identity. Otherwise neither the meter nor the caller,
/// who did not ask for compression either, could read it.
/// </summary>
/// <remarks>Bytes that do not match their Content-Encoding cause an <see cref="IOException"/>, like a broken connection.</remarks>
internal sealed class DecodedStream : ForwardOnlyStream
{
    // Maximum number of encodings of one body. More are a configuration mistake, and each one costs buffers.
    private const int MaxEncodings = 3;

    private readonly Stream _inner;

    // Without strict validation, a body that is cut inside its last block would count as complete.
    static DecodedStream() => AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", isEnabled: true);

    private DecodedStream(Stream inner) => _inner = inner;

    /// <returns>The encodings in the order in which they were applied; null if one of them is not supported. Empty: none.</returns>
    public static string[]? EncodingsOf(HttpContentHeaders headers)
    {
        string[] encodings = [.. headers.ContentEncoding.Select(encoding => encoding.ToLowerInvariant()).Where(encoding => encoding is not ("identity" or ""))];
        return encodings.Length <= MaxEncodings && Array.TrueForAll(encodings, static encoding => encoding is "gzip" or "x-gzip" or "br" or "deflate") ? encodings : null;
    }

    /// <param name="inner">Disposed with the stream that is returned.</param>
    /// <param name="encodings">From <see cref="EncodingsOf"/>.</param>
    /// <param name="cancellationToken">Ends the wait for the first bytes, which "deflate" needs.</param>
    public static async ValueTask<Stream> OpenAsync(Stream inner, string[] encodings, CancellationToken cancellationToken)
    {
        for (var i = encodings.Length - 1; i >= 0; i--)
        {
            inner = new DecodedStream(encodings[i] switch
            {
                "br" => new BrotliStream(inner, CompressionMode.Decompress),
                "deflate" => OpenDeflate(await PeekedStream.OpenAsync(inner, cancellationToken)),
                _ => new GZipStream(inner, CompressionMode.Decompress),
            });
        }

        return inner;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await _inner.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException)
        {
            throw new IOException("The response is not encoded as its header says.", exception);
        }
    }

    // RFC 9110 requires a zlib header in "deflate". Some servers leave the header out, and other clients accept that.
    private static Stream OpenDeflate(PeekedStream inner) => inner.Beginning is [var head, ..] && (head & 0x0F) == 8
        ? new ZLibStream(inner, CompressionMode.Decompress)
        : new DeflateStream(inner, CompressionMode.Decompress);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
