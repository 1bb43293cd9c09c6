using System.Buffers;
using System.Text.Json;
using Cencori.Edge.Bodies;
using Cencori.Edge.Policies.Detectors.Scanning;

namespace Cencori.Edge.Screening.Documents;

/// <summary>Recognizes texts that are themselves JSON, such as the arguments of a tool call, and the numbers in them. Such texts must stay valid JSON.</summary>
/// <remarks>Remembers the last text, because a text may have many hits. Create a new instance for each body.</remarks>
internal struct InnerJson()
{
    private int _text = -1;
    private bool _isJson;
    private int _at;
    private JsonStrings _strings;

    /// <summary>True when the text is one valid JSON document.</summary>
    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = BodyScreen.MaxDepth });
            reader.Read();
            return reader.TrySkip() && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>True when the text is a JSON object or list.</summary>
    /// <param name="inside">The text: the inside of a JSON string.</param>
    /// <param name="body">The body that contains the text.</param>
    public bool Is(ByteRange inside, ReadOnlySpan<byte> body)
    {
        if (_text != inside.Start)
        {
            (_text, _isJson, _at, _strings) = (inside.Start, IsObjectOrList(inside, body), inside.Start, default);
        }

        return _isJson;
    }

    /// <summary>True when the part is a number of the inner JSON, so that a replacement text needs quotes.</summary>
    /// <param name="part">The part of the text.</param>
    /// <param name="inside">The text: the inside of a JSON string.</param>
    /// <param name="body">The body that contains the text.</param>
    public bool IsNumber(ByteRange part, ByteRange inside, ReadOnlySpan<byte> body)
    {
        if (!Is(inside, body))
        {
            return false;
        }

        var before = TrimEnd(body[inside.Start..part.Start]);
        var behind = TrimStart(body[part.End..inside.End]);
        return before is [.., (byte)':' or (byte)',' or (byte)'['] && behind is [(byte)',' or (byte)'}' or (byte)']', ..] && !IsInString(part.Start, inside, body);
    }

    private static bool IsObjectOrList(ByteRange inside, ReadOnlySpan<byte> body)
    {
        var text = body.Slice(inside.Start, inside.Length);
        if (TrimStart(text) is not [(byte)'{' or (byte)'[', ..] || TrimEnd(text) is not [.., (byte)'}' or (byte)']'])
        {
            return false;
        }

        // The quotes are part of the body.
        var reader = new Utf8JsonReader(body.Slice(inside.Start - 1, inside.Length + 2));
        var decoded = ArrayPool<byte>.Shared.Rent(text.Length);
        try
        {
            reader.Read();
            return IsValid(decoded.AsSpan(0, reader.CopyString(decoded)));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The text contains half of a surrogate pair.
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(decoded);
        }
    }

    private bool IsInString(int place, ByteRange inside, ReadOnlySpan<byte> body)
    {
        // The hits are in the order of the text, except that a hit may begin where an earlier one does.
        if (place < _at)
        {
            (_at, _strings) = (inside.Start, default);
        }

        while (_at < place)
        {
            _at += JsonCharacters.Read(body[_at..], out var character);
            _strings.Read(character);
        }

        return _strings.IsInside;
    }

    // Also removes escaped line breaks and tabs: white space of the inner JSON is escaped in the outer JSON.
    private static ReadOnlySpan<byte> TrimStart(ReadOnlySpan<byte> text)
    {
        while (true)
        {
            text = text.TrimStart((byte)' ');
            if (text is not [(byte)'\\', (byte)'n' or (byte)'r' or (byte)'t', ..])
            {
                return text;
            }

            text = text[2..];
        }
    }

    private static ReadOnlySpan<byte> TrimEnd(ReadOnlySpan<byte> text)
    {
        while (true)
        {
            text = text.TrimEnd((byte)' ');
            if (text is not [.., (byte)'\\', (byte)'n' or (byte)'r' or (byte)'t'])
            {
                return text;
            }

            text = text[..^2];
        }
    }
}
