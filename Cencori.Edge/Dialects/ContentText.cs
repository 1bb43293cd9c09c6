using System.Text.Json;

namespace Cencori.Edge.Dialects;

/// <summary>Writes the text of a message as one JSON string. Some providers send the text as a list of parts, which are joined.</summary>
internal static class ContentText
{
    /// <param name="output">Receives the JSON string. It is the empty string when there is no text.</param>
    /// <param name="content">The provider's <c>content</c>, raw JSON.</param>
    public static void Write(TextBuffer output, ReadOnlySpan<byte> content)
    {
        if (content is [(byte)'"', ..])
        {
            output.Append(content);
            return;
        }

        output.Append((byte)'"');
        if (content is [(byte)'[', ..])
        {
            WriteParts(output, content);
        }

        output.Append((byte)'"');
    }

    private static void WriteParts(TextBuffer output, ReadOnlySpan<byte> parts)
    {
        try
        {
            var reader = new Utf8JsonReader(parts);
            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    WritePart(output, ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }
        }
        catch (JsonException)
        {
            // The rest cannot be decoded. The parts read before it stay in the text.
        }
    }

    private static void WritePart(TextBuffer output, ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> text = default;
        var isText = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isKind, isContent) = (reader.ValueSpan.SequenceEqual("type"u8), reader.ValueSpan.SequenceEqual("text"u8));
            reader.Read();
            if (isKind)
            {
                isText = reader.TokenType == JsonTokenType.String && reader.ValueSpan.SequenceEqual("text"u8);
            }
            else if (isContent && reader.TokenType == JsonTokenType.String)
            {
                text = reader.ValueSpan;
            }

            reader.Skip();
        }

        output.Append(isText ? text : default);
    }
}
