using System.Text.Json;

namespace Cencori.Edge.Routing;

/// <summary>Measures the text inside one property without decoding it.</summary>
internal static class InputText
{
    private const int BytesPerTokenNumber = 4;

    /// <summary>Moves the reader over the value it stands on and sums its strings, in bytes as sent.</summary>
    /// <param name="reader">On the value; afterwards on its last token.</param>
    /// <param name="tokenArrays">True where arrays of numbers are ready-made tokens.</param>
    public static long Measure(ref Utf8JsonReader reader, bool tokenArrays)
    {
        var bytes = 0L;
        var depth = 0;
        var underName = false;
        var underMediaName = false;
        do
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    underName = true;
                    underMediaName = IsMediaName(reader.ValueSpan);
                    continue;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    depth++;
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    depth--;
                    break;
                case JsonTokenType.String:
                    bytes += underMediaName || reader.ValueSpan.StartsWith("data:"u8)
                        ? RequestScan.MediaPartBytes
                        : reader.ValueSpan.Length;
                    break;
                case JsonTokenType.Number when tokenArrays && depth > 0 && !underName:
                    bytes += BytesPerTokenNumber;
                    break;
            }

            underName = underMediaName = false;
        }
        while ((depth > 0 || underName) && reader.Read());

        return bytes;
    }

    // An escaped spelling is not seen and counts as text: too much is reserved, never too little.
    private static bool IsMediaName(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("data"u8) || name.SequenceEqual("file_data"u8) || name.SequenceEqual("b64_json"u8);
}
