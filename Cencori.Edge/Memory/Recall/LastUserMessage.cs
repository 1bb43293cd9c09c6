using System.Text.Json;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Errors;
using Cencori.Edge.Screening;

namespace Cencori.Edge.Memory.Recall;

/// <summary>The last user message in the body of a chat request.</summary>
/// <param name="Text">The joined text of the message. Not empty.</param>
/// <param name="Place">Offset in the body of the first byte inside the message's content: after the opening quote of a string, or the opening bracket of a list.</param>
/// <param name="IsList">True: the message's content is a list of parts.</param>
internal sealed record LastUserMessage(string Text, int Place, bool IsList)
{
    private const int LongestEscape = 6;

    private static readonly JsonReaderOptions Depth = new() { MaxDepth = 512 };

    /// <param name="body">The request body, valid JSON.</param>
    /// <param name="max">Maximum number of characters of text to read.</param>
    /// <param name="question">The message. Null: there is no user message, or it has no text.</param>
    /// <returns>The error if <c>messages</c> is repeated or not in lower case, or if the body has an invalid escape. Null: success.</returns>
    public static EdgeError? Find(ReadOnlySpan<byte> body, int max, out LastUserMessage? question)
    {
        question = null;
        var start = body.StartsWith("\uFEFF"u8) ? 3 : 0;
        var reader = new Utf8JsonReader(body[start..], Depth);
        var content = default(Utf8JsonReader);
        var lists = 0;
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isList = reader.ValueTextEquals("messages"u8);
                if (!isList && IsMessages(ref reader))
                {
                    return EdgeError.Invalid("The property 'messages' must be written in lower case.", "messages");
                }

                if (isList && ++lists > 1)
                {
                    return EdgeError.Invalid("'messages' must not be repeated in a request that uses a memory.", "messages");
                }

                reader.Read();
                if (isList && reader.TokenType == JsonTokenType.StartArray)
                {
                    content = LastContent(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }

            using var text = new CharBuffer();
            if (TryReadText(content, text, max))
            {
                question = new(new string(text.Span), start + (int)content.TokenStartIndex + 1, content.TokenType == JsonTokenType.StartArray);
            }

            return null;
        }
        catch (InvalidOperationException)
        {
            return EdgeError.Invalid("The request body must not contain an escape that is an unpaired surrogate, such as \\ud800.");
        }
    }

    private static bool IsMessages(ref Utf8JsonReader reader)
    {
        Span<byte> name = stackalloc byte[RequestFields.LongestEscapedName];
        return reader.ValueSpan.Length <= name.Length && RequestFields.EqualsIgnoreCase(name[..reader.CopyString(name)], "messages");
    }

    // Finds the content of the last user message. The reader must be at the start of the list of messages; afterwards it is at the end of the list.
    private static Utf8JsonReader LastContent(scoped ref Utf8JsonReader reader)
    {
        var last = default(Utf8JsonReader);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            var isUser = false;
            var content = default(Utf8JsonReader);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isRole, isContent) = (reader.ValueTextEquals("role"u8), reader.ValueTextEquals("content"u8));
                reader.Read();
                isUser = isRole ? reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("user"u8) : isUser;
                content = isContent ? reader : content;
                reader.Skip();
            }

            last = isUser ? content : last;
        }

        return last;
    }

    private static bool TryReadText(Utf8JsonReader content, CharBuffer text, int max)
    {
        if (content.TokenType == JsonTokenType.String)
        {
            Add(content.ValueSpan, text, max);
        }
        else if (content.TokenType == JsonTokenType.StartArray)
        {
            while (content.Read() && content.TokenType != JsonTokenType.EndArray)
            {
                if (content.TokenType == JsonTokenType.StartObject)
                {
                    AddPart(ref content, text, max);
                }
                else
                {
                    content.Skip();
                }
            }
        }

        return !text.Span.IsWhiteSpace();
    }

    private static void AddPart(ref Utf8JsonReader reader, CharBuffer text, int max)
    {
        var isText = false;
        ReadOnlySpan<byte> said = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isType, isContent) = (reader.ValueTextEquals("type"u8), reader.ValueTextEquals("text"u8));
            reader.Read();
            isText |= isType && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("text"u8);
            said = isContent && reader.TokenType == JsonTokenType.String ? reader.ValueSpan : said;
            reader.Skip();
        }

        if (isText && !said.IsEmpty)
        {
            if (text.Length > 0)
            {
                text.Append('\n');
            }

            Add(said, text, max);
        }
    }

    // Stops when the buffer has max characters. Unescapes no more of the text than that, because the text may be a megabyte long.
    private static void Add(ReadOnlySpan<byte> said, CharBuffer text, int max)
    {
        var left = max - text.Length;
        if (left <= 0)
        {
            return;
        }

        if (said.Length > left * LongestEscape)
        {
            var end = left * LongestEscape;
            while (end > 0 && (said[end] & 0xC0) == 0x80)
            {
                end--;
            }

            said = CutEscape(said[..end]);
        }

        JsonText.Unescape(said, text);
        if (text.Length > max)
        {
            text.CutTo(char.IsHighSurrogate(text.Span[max - 1]) ? max - 1 : max);
        }
    }

    // Drops an escape sequence at the end that is incomplete after the cut.
    private static ReadOnlySpan<byte> CutEscape(ReadOnlySpan<byte> said)
    {
        for (var at = Math.Max(0, said.Length - LongestEscape); at < said.Length; at++)
        {
            if (said[at] == '\\')
            {
                return said[..at];
            }
        }

        return said;
    }
}
