using System.IO.Compression;
using Microsoft.Extensions.Primitives;
using ZstdSharp.Unsafe;

namespace Cencori.Edge.Bodies;

/// <summary>
/// Takes off what a body is encoded in. It is held whole before, and decoded at one go: a decoder may need megabytes for what it has to
/// remember, and none of them waits for a caller.
/// </summary>
internal static class EncodedBody
{
    // A hundred bytes can be a body of the largest size: half of the processors are left to others.
    private static readonly SemaphoreSlim Turns = new(Math.Max(1, Environment.ProcessorCount / 2));

    public const string Supported = "gzip, br, deflate, zstd";

    // Nobody needs more than one, and each may take the bound in memory and time.
    private const int MaxEncodings = 3;

    // As the standard has it for HTTP (RFC 9659). By itself the decoder would take what a body of a few bytes asks for, 128 MiB.
    private const int ZstdWindowLog = 23;

    // A body that ends within its last block is cut, and else would pass for whole.
    static EncodedBody() => AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", isEnabled: true);

    /// <summary>What has to be taken off, in the order in which it was put on; empty where that is nothing.</summary>
    /// <returns>False: the header names something else, or too much.</returns>
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

    /// <param name="body">As it came. Disposed.</param>
    /// <param name="encodings">Of <see cref="TryParse"/>, at least one.</param>
    /// <param name="maxBytes">Largest length accepted, also between two encodings.</param>
    /// <param name="share">Where the memory is taken from.</param>
    /// <returns>Null when it is longer than that.</returns>
    /// <param name="cancellationToken">Ends the wait for a turn.</param>
    /// <exception cref="InvalidDataException">It is not encoded so.</exception>
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
        var isWhole = false;
        try
        {
            decoded = new PooledBody(expectedLength: null, share);
            using var stream = Open(body, encoding);
            while (decoded.Length <= maxBytes && !isWhole)
            {
                isWhole = decoded.Fill(stream, maxBytes) == 0;
            }

            return isWhole ? decoded : null;
        }
        catch (Exception exception) when (exception is ZstdSharp.ZstdException or InvalidOperationException or EndOfStreamException)
        {
            throw new InvalidDataException(exception.Message, exception);
        }
        finally
        {
            body.Dispose();
            if (!isWhole)
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

            // By the specification it has the head of zlib. Some clients leave that out, and servers bear with it.
            case "deflate" when body.Span is not [var head, ..] || (head & 0x0F) != 8:
                return new DeflateStream(encoded, CompressionMode.Decompress);
            case "deflate":
                return new ZLibStream(encoded, CompressionMode.Decompress);
            default:
                return new GZipStream(encoded, CompressionMode.Decompress);
        }
    }
}
