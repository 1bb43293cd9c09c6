using System.Text.Json;

namespace Cencori.Edge.Dialects;

/// <summary>The text of a message, as one JSON string. Some providers tell it in parts.</summary>
internal static class ContentText
{
    /// <param name="output">Gets the string, empty where there is no text.</param>
    /// <param name="content">The provider's <c>content</c>, as it stands in the response.</param>
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
            // What has been read of it so far is text.
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
