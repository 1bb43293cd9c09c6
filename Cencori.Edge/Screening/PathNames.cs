using System.Buffers;

namespace Cencori.Edge.Screening;

/// <summary>Names of members that tell nothing of what a caller has said.</summary>
internal static class PathNames
{
    // As APIs write them. What is longer or has anything else may be somebody's data.
    private const int Longest = 24;

    private static readonly SearchValues<byte> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz_"u8);

    public static bool IsPlain(ReadOnlySpan<byte> name) => name.Length is > 0 and <= Longest && name.IndexOfAnyExcept(Letters) < 0;
}

/// <summary>Members whose value is no text that the model reads as it stands: pictures, sounds, files, and what is fetched from elsewhere.</summary>
internal static class NonTextNames
{
    public static bool Has(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("image_url"u8) || name.SequenceEqual("input_audio"u8) || name.SequenceEqual("file_id"u8) || name.SequenceEqual("file_url"u8) || name.SequenceEqual("file_data"u8)
        || name.SequenceEqual("b64_json"u8) || name.SequenceEqual("image"u8) || name.SequenceEqual("video"u8);
}
