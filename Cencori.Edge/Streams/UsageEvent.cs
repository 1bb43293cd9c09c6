using System.Buffers;
using System.Text.Json;

namespace Cencori.Edge.Streams;

/// <summary>Recognises the event with only usage: a chunk whose choices are empty.</summary>
internal static class UsageEvent
{
    private static ReadOnlySpan<byte> DataName => "data:"u8;

    private static ReadOnlySpan<byte> Choices => "\"choices\""u8;

    /// <param name="text">One complete event, with or without the empty line at its end.</param>
    public static bool Is(ReadOnlySpan<byte> text)
    {
        if (!HasEmptyChoices(text))
        {
            return false;
        }

        var data = ArrayPool<byte>.Shared.Rent(text.Length);
        try
        {
            return HasOnlyUsage(data.AsSpan(0, CopyData(text, data)));
        }
        catch (JsonException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(data);
        }
    }

    /// <summary>The position after the opening brace of the first choice. 0: no choice directly follows the name <c>choices</c>.</summary>
    public static int EndOfFirstChoice(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf(Choices) + Choices.Length;
        return end >= Choices.Length && text[end..].StartsWith(":[{"u8) ? end + 3 : 0;
    }

    // Fast path: nearly all events have choices.
    private static bool HasEmptyChoices(ReadOnlySpan<byte> text)
    {
        var at = text.IndexOf(Choices);
        if (at < 0)
        {
            return false;
        }

        var value = text[(at + Choices.Length)..].TrimStart(" \t:"u8);
        return value is [(byte)'\r' or (byte)'\n', ..] || (value is [(byte)'[', ..] && value[1..].TrimStart(" \t"u8) is [(byte)']' or (byte)'\r' or (byte)'\n', ..]);
    }

    private static int CopyData(ReadOnlySpan<byte> text, Span<byte> data)
    {
        var length = 0;
        while (!text.IsEmpty)
        {
            var end = text.IndexOfAny((byte)'\r', (byte)'\n');
            var line = end < 0 ? text : text[..end];
            if (line.StartsWith(DataName))
            {
                line[DataName.Length..].CopyTo(data[length..]);
                length += line.Length - DataName.Length;
                data[length++] = (byte)'\n';
            }

            text = end < 0 ? [] : text[(end + 1)..];
        }

        return length;
    }

    private static bool HasOnlyUsage(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data);
        var (isEmpty, tellsUsage) = (false, false);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isChoices = reader.ValueTextEquals("choices"u8);
            var isUsage = reader.ValueTextEquals("usage"u8);
            reader.Read();
            if (isUsage)
            {
                tellsUsage = reader.TokenType == JsonTokenType.StartObject;
            }

            var open = reader.BytesConsumed;
            reader.Skip();
            if (isChoices)
            {
                isEmpty = reader.TokenType == JsonTokenType.EndArray && data[(int)open..(int)reader.TokenStartIndex].IndexOfAnyExcept(" \t\r\n"u8) < 0;
            }
        }

        return isEmpty && tellsUsage;
    }
}
