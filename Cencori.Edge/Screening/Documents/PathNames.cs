using System.Buffers;

namespace Cencori.Edge.Screening.Documents;

/// <summary>Recognizes member names that cannot contain text of a caller, so that paths may show them.</summary>
internal static class PathNames
{
    // Length of the longest name that paths show. A longer name, or a name with other characters than API names have, may be data of a caller.
    private const int Longest = 24;

    private static readonly SearchValues<byte> Letters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz_"u8);

    public static bool IsPlain(ReadOnlySpan<byte> name) => name.Length is > 0 and <= Longest && name.IndexOfAnyExcept(Letters) < 0;
}

/// <summary>Names of members whose value is not text for the model: images, audio, files, and references to content elsewhere.</summary>
internal static class NonTextNames
{
    public static bool Has(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("image_url"u8) || name.SequenceEqual("input_audio"u8) || name.SequenceEqual("file_id"u8) || name.SequenceEqual("file_url"u8) || name.SequenceEqual("file_data"u8)
        || name.SequenceEqual("b64_json"u8) || name.SequenceEqual("image"u8) || name.SequenceEqual("video"u8);
}
