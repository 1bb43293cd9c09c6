using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Bodies.Splicing;

/// <summary>Replaces all system text of a body by one text. All other bytes stay.</summary>
internal static class SystemText
{
    private const int EscapeLength = 6;
    private const int MaxChanges = 256;

    // This bit turns an ASCII letter to lower case.
    private const int ToLower = 0x20;

    /// <param name="content">Read with <see cref="NotedFields.Conversation"/>.</param>
    /// <param name="place">Where the operation keeps its system text. Not <see cref="SystemPromptLocation.None"/>.</param>
    /// <param name="text">The new system text.</param>
    /// <returns>
    /// Null on success. An error when the body repeats the property: the text would be inserted at each occurrence, but its tokens would be
    /// reserved only once.
    /// </returns>
    public static EdgeError? Replace(JsonContent content, SystemPromptLocation place, string text)
    {
        var (field, list) = place switch
        {
            SystemPromptLocation.Instructions => (RequestField.Instructions, RequestField.TextOrTokens),
            SystemPromptLocation.Field => (RequestField.System, RequestField.Messages),
            _ => (RequestField.Unknown, RequestField.Messages),
        };
        if ((Repeated(content, field) ?? Repeated(content, list)) is { } name)
        {
            return EdgeError.Invalid($"'{name}' must not be repeated when an agent or a prompt replaces it.", name);
        }

        var edits = content.Edits;
        content.HasSystemText = true;
        var body = content.Text;
        byte[] value = [(byte)'"', .. JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, (byte)'"'];
        content.AddInput(value.Length);
        byte[] message = place == SystemPromptLocation.Messages ? [.. "{\"role\":\"system\",\"content\":"u8, .. value, .. "},"u8] : [];
        var isReported = place == SystemPromptLocation.Messages;
        foreach (var noted in content.Scan.Noted ?? [])
        {
            if (noted.Field == list && body[noted.Value.Start] == '[')
            {
                ReplaceMessages(edits, body, noted.Value, message);
            }
            else if (noted.Field == field)
            {
                edits.Replace(noted.Value, value);
                isReported = true;
            }
        }

        if (!isReported)
        {
            edits.Insert([.. field == RequestField.Instructions ? "\"instructions\":"u8 : "\"system\":"u8, .. value]);
        }

        return null;
    }

    private static string? Repeated(JsonContent content, RequestField field)
    {
        var seen = 0;
        foreach (var noted in content.Scan.Noted ?? [])
        {
            if (noted.Field == field && ++seen > 1)
            {
                return JsonSerializer.Deserialize<string>(content.Text.Slice(noted.Name.Start, noted.Name.Length));
            }
        }

        return null;
    }

    // Removes the system messages from the list. first: the JSON of the message to insert at the start, with a comma at its end. Empty: none.
    private static void ReplaceMessages(JsonEdits edits, ReadOnlySpan<byte> body, ByteRange list, ReadOnlyMemory<byte> first)
    {
        var reader = new Utf8JsonReader(body.Slice(list.Start, list.Length), new JsonReaderOptions { MaxDepth = RequestScanner.MaxDepth });
        reader.Read();
        var gap = new Gap(list.Start + 1);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = list.Start + (int)reader.TokenStartIndex;
            var isSystem = IsSystem(ref reader);
            gap.Add(new(start, list.Start + (int)reader.BytesConsumed - start), isSystem);
        }

        gap.End();
        first = gap.HasKept || first.IsEmpty ? first : first[..^1];
        if (gap.All.Count > MaxChanges)
        {
            edits.Replace(new(list.Start + 1, list.Length - 1), Rest(body, list, first.Span, gap.All));
            return;
        }

        if (!first.IsEmpty)
        {
            edits.Replace(new(list.Start + 1, 0), first);
        }

        foreach (var range in gap.All)
        {
            edits.Replace(range, default);
        }
    }

    // Rebuilds the list as one replacement. One splice takes more memory than a short message, and all splices are sorted for every attempt.
    private static byte[] Rest(ReadOnlySpan<byte> body, ByteRange list, ReadOnlySpan<byte> first, List<ByteRange> gaps)
    {
        var rest = new byte[first.Length + list.Length - 1 - gaps.Sum(gap => gap.Length)];
        first.CopyTo(rest);
        var (at, from) = (first.Length, list.Start + 1);
        foreach (var gap in gaps)
        {
            body[from..gap.Start].CopyTo(rest.AsSpan(at));
            at += gap.Start - from;
            from = gap.End;
        }

        body[from..list.End].CopyTo(rest.AsSpan(at));
        return rest;
    }

    // Called with the reader on a message. Leaves the reader at the end of the message.
    private static bool IsSystem(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return false;
        }

        var isSystem = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isRole = Is(ref reader, "role"u8);
            reader.Read();

            // If a message has several roles, one system role is enough: providers differ in which role they use.
            isSystem |= isRole && reader.TokenType == JsonTokenType.String && (Is(ref reader, "system"u8) || Is(ref reader, "developer"u8));
            reader.Skip();
        }

        return isSystem;
    }

    // Ignores letter case, as some providers do.
    private static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> word)
    {
        var text = reader.ValueSpan;
        if (!reader.ValueIsEscaped)
        {
            return UnicodeCaseFolding.EqualsIgnoreCase(text, word);
        }

        // Unescapes by hand: the reader would throw at half of a surrogate pair, and a body may contain a million of them.
        foreach (var letter in word)
        {
            if ((Take(ref text) | ToLower) != letter)
            {
                return false;
            }
        }

        return text.IsEmpty;
    }

    // Returns the first letter of the text, plain or escaped as \u0000. Returns 0 for all else, which cannot be part of the compared words.
    private static int Take(ref ReadOnlySpan<byte> text)
    {
        int letter;
        if (text.IsEmpty || text[0] != '\\')
        {
            letter = UnicodeCaseFolding.Take(ref text);
        }
        else if (text.Length >= EscapeLength && text[1] == 'u' && Utf8Parser.TryParse(text[2..EscapeLength], out letter, out _, 'x'))
        {
            letter = letter switch { UnicodeCaseFolding.LongS => 's', UnicodeCaseFolding.Kelvin => 'k', _ => letter };
            text = text[EscapeLength..];
        }
        else
        {
            return 0;
        }

        return char.IsAsciiLetter((char)letter) ? letter : 0;
    }

    /// <summary>Collects the ranges of removed messages, each with its comma. Merges adjacent ranges.</summary>
    private struct Gap(int start)
    {
        private int _keptEnd = -1;
        private int _from = -1;
        private int _end;

        /// <summary>The ranges to remove, in order.</summary>
        public List<ByteRange> All { get; } = [];

        public bool HasKept { get; private set; }

        public void Add(ByteRange message, bool goes)
        {
            if (goes)
            {
                _from = _from < 0 ? message.Start : _from;
                _end = message.End;
                return;
            }

            if (_from >= 0)
            {
                All.Add(new(_from, message.Start - _from));
                _from = -1;
            }

            (HasKept, _keptEnd) = (true, message.End);
        }

        public readonly void End()
        {
            if (_from >= 0)
            {
                var from = HasKept ? _keptEnd : Math.Max(start, _from);
                All.Add(new(from, _end - from));
            }
        }
    }
}
