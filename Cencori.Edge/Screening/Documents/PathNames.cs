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

/// <summary>Names and types of parts that are not text for the model: images, audio, files, and references to content elsewhere.</summary>
internal static class NonTextNames
{
    /// <summary>True for the name of a member that holds such a part.</summary>
    public static bool Has(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("image_url"u8) || name.SequenceEqual("document_url"u8) || name.SequenceEqual("audio_url"u8) || name.SequenceEqual("video_url"u8) || name.SequenceEqual("input_audio"u8) || name.SequenceEqual("file_id"u8) || name.SequenceEqual("file_url"u8)
        || name.SequenceEqual("file_ids"u8) || name.SequenceEqual("file_data"u8) || name.SequenceEqual("b64_json"u8) || name.SequenceEqual("image"u8) || name.SequenceEqual("video"u8);

    /// <summary>True for the type of such a part, whose content may be in a member of any name.</summary>
    public static bool IsType(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("image"u8) || type.SequenceEqual("image_url"u8) || type.SequenceEqual("input_image"u8) || type.SequenceEqual("video"u8) || type.SequenceEqual("video_url"u8)
        || type.SequenceEqual("input_video"u8) || type.SequenceEqual("document_url"u8) || type.SequenceEqual("audio_url"u8) || type.SequenceEqual("audio"u8) || type.SequenceEqual("input_audio"u8) || type.SequenceEqual("file"u8) || type.SequenceEqual("input_file"u8);
}
