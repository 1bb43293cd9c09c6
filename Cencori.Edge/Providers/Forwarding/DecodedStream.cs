using System.IO.Compression;
using System.Net.Http.Headers;
using Cencori.Edge.Streams;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>
/// What a provider has compressed although identity was asked for, as it was before. Neither the meter nor the caller, who has not asked
/// either, could read it else.
/// </summary>
/// <remarks>Bytes that are not what their header says are an <see cref="IOException"/>, as a connection that breaks is.</remarks>
internal sealed class DecodedStream : ForwardOnlyStream
{
    // More than one is a mistake of somebody's configuration, and each costs its buffers.
    private const int MaxEncodings = 3;

    private readonly Stream _inner;

    // A body that ends within its last block is cut, and else would pass for whole.
    static DecodedStream() => AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", isEnabled: true);

    private DecodedStream(Stream inner) => _inner = inner;

    /// <returns>In the order in which they were applied; null where one of them is not known here. Empty: there are none.</returns>
    public static string[]? EncodingsOf(HttpContentHeaders headers)
    {
        string[] encodings = [.. headers.ContentEncoding.Select(encoding => encoding.ToLowerInvariant()).Where(encoding => encoding is not ("identity" or ""))];
        return encodings.Length <= MaxEncodings && Array.TrueForAll(encodings, static encoding => encoding is "gzip" or "x-gzip" or "br" or "deflate") ? encodings : null;
    }

    /// <param name="inner">Disposed with the stream that is returned.</param>
    /// <param name="encodings">Of <see cref="EncodingsOf"/>.</param>
    /// <param name="cancellationToken">Ends the wait for the first bytes, where those have to be seen.</param>
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

    // By the specification it has the head of zlib. Some servers leave that out, and clients bear with it.
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
