using System.IO.Compression;
using Cencori.Edge.Bodies.Buffers;
using CsCheck;

namespace Cencori.Edge.Tests.Bodies;

public class EncodedBodyTests
{
    private static readonly string[] Encodings = ["gzip", "x-gzip", "br", "deflate", "raw deflate", "zstd"];

    /// <summary>Encodes the bytes as a client does that applies these encodings one after the other.</summary>
    internal static byte[] Encode(byte[] bytes, params string[] encodings) => encodings.Aggregate(bytes, Encode);

    internal static string Header(params string[] encodings) => string.Join(", ", encodings).Replace("raw ", "", StringComparison.Ordinal);

    [Fact]
    public void Every_combination_of_encodings_is_decoded() =>
        Gen.Select(Gen.Byte.Array[1, 5_000], Gen.Int[1, 50], Gen.OneOfConst(Encodings).Array[1, 3]).Sample((bytes, times, encodings) =>
        {
            var body = Enumerable.Repeat(bytes, times).SelectMany(piece => piece).ToArray();
            var share = new BufferShare("Test", long.MaxValue);
            using (var decoded = Decode(Encode(body, encodings), Header(encodings), 1_000_000, share))
            {
                Assert.True(decoded!.Span.SequenceEqual(body));
            }

            Assert.Equal(0, share.Held);
        }, iter: 200);

    [Fact]
    public void A_truncated_body_is_refused() =>
        Gen.Select(Gen.OneOfConst(Encodings), Gen.Int[1, 60]).Sample((encoding, cut) =>
        {
            var encoded = Encode([.. Enumerable.Range(0, 3_000).Select(i => (byte)(i * i / 7))], encoding);
            var share = new BufferShare("Test", long.MaxValue);

            Assert.Throws<InvalidDataException>(() => Decode(encoded[..^cut], Header(encoding), 1_000_000, share));
            Assert.Equal(0, share.Held);
        }, iter: 200);

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("zstd")]
    [InlineData("gzip", "br")]
    [InlineData("zstd", "zstd", "gzip")]
    public void Decoding_of_a_decompression_bomb_stops_at_the_limit(params string[] encodings)
    {
        var bomb = Encode(new byte[50_000_000], encodings);
        var share = new BufferShare("Test", 6_000_000);

        Assert.Null(Decode(bomb, Header(encodings), 1_000_000, share));
        Assert.Equal(0, share.Held);
    }

    [Fact]
    public void A_body_that_exceeds_the_share_returns_all_of_its_memory()
    {
        var share = new BufferShare("Test", 400_000);

        Assert.Throws<OverloadedException>(() => Decode(Encode(new byte[1_000_000], "gzip", "br"), "gzip, br", 2_000_000, share));
        Assert.Equal(0, share.Held);
    }

    [Fact]
    public void A_zstd_body_cannot_request_a_window_larger_than_the_standard_allows()
    {
        // A frame with a window of 128 MiB and a single block of one byte.
        byte[] frame = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 17 << 3, 0x09, 0x00, 0x00, (byte)'a'];
        byte[] allowed = [.. frame];
        allowed[5] = 13 << 3;
        var share = new BufferShare("Test", long.MaxValue);

        Assert.Throws<InvalidDataException>(() => Decode(frame, "zstd", 1_000, share));
        using var decoded = Decode(allowed, "zstd", 1_000, share);
        Assert.Equal("a"u8.ToArray(), decoded!.Span.ToArray());
    }

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("GZip , BR", "gzip br")]
    [InlineData("identity", "")]
    [InlineData(" , identity,gzip,, ", "gzip")]
    [InlineData("", "")]
    public void Every_valid_form_of_the_Content_Encoding_header_is_parsed(string header, string encodings)
    {
        Assert.True(EncodedBody.TryParse(header, out var found));
        Assert.Equal(encodings, string.Join(' ', found));
    }

    [Theory]
    [InlineData("compress")]
    [InlineData("aws-chunked")]
    [InlineData("gzip;q=1")]
    [InlineData("gzip, snappy")]
    [InlineData("gzip, gzip, gzip, gzip")]
    public void An_unknown_encoding_or_too_many_encodings_are_refused(string header) => Assert.False(EncodedBody.TryParse(header, out _));

    private static PooledBody? Decode(byte[] encoded, string header, long maxBytes, BufferShare share)
    {
        Assert.True(EncodedBody.TryParse(header, out var encodings));
        return EncodedBody.DecodeAsync(PooledBodyTests.ReadAsync(encoded).GetAwaiter().GetResult(), encodings, maxBytes, share, CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }

    private static byte[] Encode(byte[] bytes, string encoding)
    {
        var encoded = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "br" => new BrotliStream(encoded, CompressionLevel.Fastest),
            "deflate" => new ZLibStream(encoded, CompressionLevel.Fastest),
            "raw deflate" => new DeflateStream(encoded, CompressionLevel.Fastest),
            "zstd" => new ZstdSharp.CompressionStream(encoded),
            _ => new GZipStream(encoded, CompressionLevel.Fastest),
        })
        {
            stream.Write(bytes);
        }

        return encoded.ToArray();
    }
}
