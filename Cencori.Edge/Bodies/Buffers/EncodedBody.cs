using System.IO.Compression;
using Microsoft.Extensions.Primitives;
using ZstdSharp.Unsafe;

namespace Cencori.Edge.Bodies.Buffers;

/// <summary>
/// Decodes the <c>Content-Encoding</c> of a body. The whole encoded body is buffered first and decoded without a pause: a decoder's window may take
/// megabytes, and must not stay allocated while a slow caller sends.
/// </summary>
internal static class EncodedBody
{
    // Limits concurrent decoding to half of the processors: a hundred bytes can decode to a body of the largest size.
    private static readonly SemaphoreSlim Turns = new(Math.Max(1, Environment.ProcessorCount / 2));

    public const string Supported = "gzip, br, deflate, zstd";

    // The number of encodings that one body may have. No client needs more than one, and each may use the full limit of memory and time.
    private const int MaxEncodings = 3;

    // The limit that RFC 9659 sets for HTTP. By default the decoder allocates what the body asks for: a few bytes can request 128 MiB.
    private const int ZstdWindowLog = 23;

    // Without strict validation, the decoder accepts a body truncated within its last block as complete.
    static EncodedBody() => AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", isEnabled: true);

    /// <summary>Parses <c>Content-Encoding</c> into the encodings in the order in which they were applied. Empty when there is none.</summary>
    /// <returns>False when the header names an unsupported encoding, or too many.</returns>
    public static bool TryParse(StringValues header, out string[] encodings)
    {
        encodings = header.Count == 0 ? [] :
        [
            .. header.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Select(encoding => encoding.ToLowerInvariant())
                .Where(encoding => encoding is not "identity"),
        ];
        return encodings.Length <= MaxEncodings && Array.TrueForAll(encodings, static encoding => encoding is "gzip" or "x-gzip" or "br" or "deflate" or "zstd");
    }

    /// <param name="body">The encoded body. Disposed by this method.</param>
    /// <param name="encodings">From <see cref="TryParse"/>, at least one.</param>
    /// <param name="maxBytes">Maximum number of bytes after each decoding step: the body may have several encodings.</param>
    /// <param name="share">The share from which memory is taken.</param>
    /// <returns>The decoded body. Null when it is longer than <paramref name="maxBytes"/>.</returns>
    /// <param name="cancellationToken">Cancels the wait for a decoding turn.</param>
    /// <exception cref="InvalidDataException">The body is not encoded as stated.</exception>
    /// <exception cref="OverloadedException">The share has no room.</exception>
    public static async ValueTask<PooledBody?> DecodeAsync(PooledBody body, string[] encodings, long maxBytes, BufferShare share, CancellationToken cancellationToken)
    {
        try
        {
            await Turns.WaitAsync(cancellationToken);
        }
        catch
        {
            body.Dispose();
            throw;
        }

        try
        {
            PooledBody? decoded = body;
            for (var i = encodings.Length - 1; i >= 0 && decoded is not null; i--)
            {
                decoded = Decode(decoded, encodings[i], maxBytes, share);
            }

            return decoded;
        }
        finally
        {
            Turns.Release();
        }
    }

    private static PooledBody? Decode(PooledBody body, string encoding, long maxBytes, BufferShare share)
    {
        PooledBody? decoded = null;
        var isComplete = false;
        try
        {
            decoded = new PooledBody(expectedLength: null, share);
            using var stream = Open(body, encoding);
            while (decoded.Length <= maxBytes && !isComplete)
            {
                isComplete = decoded.Fill(stream, maxBytes) == 0;
            }

            return isComplete ? decoded : null;
        }
        catch (Exception exception) when (exception is ZstdSharp.ZstdException or InvalidOperationException or EndOfStreamException)
        {
            throw new InvalidDataException(exception.Message, exception);
        }
        finally
        {
            body.Dispose();
            if (!isComplete)
            {
                decoded?.Dispose();
            }
        }
    }

    private static Stream Open(PooledBody body, string encoding)
    {
        var encoded = new PooledBodyStream(body, [], Stream.Null);
        switch (encoding)
        {
            case "br":
                return new BrotliStream(encoded, CompressionMode.Decompress);
            case "zstd":
                var stream = new ZstdSharp.DecompressionStream(encoded);
                stream.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, ZstdWindowLog);
                return stream;

            // The specification requires a zlib header. Some clients omit it, and servers commonly accept that.
            case "deflate" when body.Span is not [var head, ..] || (head & 0x0F) != 8:
                return new DeflateStream(encoded, CompressionMode.Decompress);
            case "deflate":
                return new ZLibStream(encoded, CompressionMode.Decompress);
            default:
                return new GZipStream(encoded, CompressionMode.Decompress);
        }
    }
}
