using System.Buffers;
using System.Buffers.Text;

namespace Cencori.Edge.Screening;

/// <summary>Recognizes images, audio and documents inside JSON: base64, in a member for media, with the start of a known file
/// format. Requires all three, because text may match any one of them.</summary>
internal static class MediaData
{
    private const int DataUrlHead = 128;

    // Number of base64 characters that contain the signature of a file format.
    private const int Head = 24;

    private static readonly SearchValues<byte> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_="u8);

    /// <summary>True when the value of a member is a file.</summary>
    /// <param name="name">Name of the member.</param>
    /// <param name="value">The raw value.</param>
    public static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (value.Length < Head || !IsFor(name))
        {
            return false;
        }

        value = DataOf(value);
        return value.Length >= Head && BeginsAsFile(value[..Head]) && IsBase64(value);
    }

    /// <summary>True for any base64 data.</summary>
    public static bool IsData(ReadOnlySpan<byte> value) => DataOf(value) is { IsEmpty: false } data && IsBase64(data);

    private static ReadOnlySpan<byte> DataOf(ReadOnlySpan<byte> value)
    {
        if (!value.StartsWith("data:"u8))
        {
            return value;
        }

        var end = value[..Math.Min(DataUrlHead, value.Length)].IndexOf(";base64,"u8);
        return end < 0 ? default : value[(end + ";base64,".Length)..];
    }

    // Some clients escape the slash with a backslash, so a backslash is allowed.
    private static bool IsBase64(ReadOnlySpan<byte> value)
    {
        while (value.IndexOfAnyExcept(Letters) is >= 0 and var other)
        {
            if (value[other] != '\\' || other + 1 == value.Length || value[other + 1] != '/')
            {
                return false;
            }

            value = value[(other + 2)..];
        }

        return true;
    }

    private static bool IsFor(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("url"u8) || name.SequenceEqual("data"u8) || name.SequenceEqual("image_url"u8) || name.SequenceEqual("file_data"u8)
        || name.SequenceEqual("b64_json"u8) || name.SequenceEqual("image"u8) || name.SequenceEqual("mask"u8) || name.SequenceEqual("video"u8);

    private static bool BeginsAsFile(ReadOnlySpan<byte> base64)
    {
        Span<byte> bytes = stackalloc byte[Base64.GetMaxDecodedFromUtf8Length(Head)];
        if (Base64.DecodeFromUtf8(base64, bytes, out _, out var length) != OperationStatus.Done)
        {
            return false;
        }

        bytes = bytes[..length];
        return bytes.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF])
            || bytes.StartsWith("GIF8"u8) || bytes.StartsWith("RIFF"u8) || bytes.StartsWith("%PDF-"u8) || bytes.StartsWith("OggS"u8) || bytes.StartsWith("fLaC"u8) || bytes.StartsWith("ID3"u8)
            || bytes[4..].StartsWith("ftyp"u8) || bytes.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]) || bytes.StartsWith((ReadOnlySpan<byte>)[(byte)'P', (byte)'K', 3, 4])
            || (bytes[0] == 0xFF && (bytes[1] & 0xE6) == 0xE2);
    }
}
