using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Cencori.Edge.Endpoints;

namespace Cencori.Edge.Bodies;

/// <summary>Puts one text in the place of everything that a body tells the model as its system. All other bytes stay.</summary>
internal static class SystemText
{
    private const int LongestRole = 16;

    /// <param name="content">Read with <see cref="NotedFields.Conversation"/>.</param>
    /// <param name="place">Where the operation has it; not <see cref="SystemPlace.None"/>.</param>
    /// <param name="text">What the model is told instead.</param>
    public static void Replace(JsonContent content, SystemPlace place, string text)
    {
        var edits = content.Edits;
        var body = content.Text;
        byte[] value = [(byte)'"', .. JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, (byte)'"'];
        content.AddInput(value.Length);
        var (field, list) = place switch
        {
            SystemPlace.Instructions => (RequestField.Instructions, RequestField.TextOrTokens),
            SystemPlace.Field => (RequestField.System, RequestField.Messages),
            _ => (RequestField.Unknown, RequestField.Messages),
        };
        byte[] message = place == SystemPlace.Messages ? [.. "{\"role\":\"system\",\"content\":"u8, .. value, (byte)'}'] : [];
        var isTold = place == SystemPlace.Messages;
        foreach (var noted in content.Scan.Noted ?? [])
        {
            if (noted.Field == list && body[noted.Value.Start] == '[')
            {
                ReplaceMessages(edits, body, noted.Value, message);
            }
            else if (noted.Field == field)
            {
                // A provider may take any of them.
                edits.Replace(noted.Value, value);
                isTold = true;
            }
        }

        if (!isTold)
        {
            edits.Insert([.. field == RequestField.Instructions ? "\"instructions\":"u8 : "\"system\":"u8, .. value]);
        }
    }

    private static void ReplaceMessages(JsonEdits edits, ReadOnlySpan<byte> body, ByteRange list, byte[] first)
    {
        var reader = new Utf8JsonReader(body.Slice(list.Start, list.Length), new JsonReaderOptions { MaxDepth = RequestScanner.MaxDepth });
        reader.Read();
        var gap = new Gap(list.Start + 1);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = list.Start + (int)reader.TokenStartIndex;
            var isSystem = IsSystem(ref reader);
            gap.Add(new(start, list.Start + (int)reader.BytesConsumed - start), isSystem, edits);
        }

        if (first.Length > 0)
        {
            edits.Replace(new(list.Start + 1, 0), gap.HasKept ? [.. first, (byte)','] : first);
        }

        gap.End(edits);
    }

    // The reader stands on a message, and leaves it at its end.
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

            // Nobody knows which of several a provider takes.
            isSystem |= isRole && reader.TokenType == JsonTokenType.String && (Is(ref reader, "system"u8) || Is(ref reader, "developer"u8));
            reader.Skip();
        }

        return isSystem;
    }

    // Without regard to case, as some providers read.
    private static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> word)
    {
        if (!reader.ValueIsEscaped)
        {
            return Ascii.EqualsIgnoreCase(reader.ValueSpan, word);
        }

        if (reader.ValueSpan.Length > LongestRole * 6)
        {
            return false;
        }

        Span<byte> text = stackalloc byte[LongestRole * 6];
        return Ascii.EqualsIgnoreCase(text[..reader.CopyString(text)], word);
    }

    /// <summary>Messages that go, one behind the other, and the comma that goes with each.</summary>
    private struct Gap(int start)
    {
        private int _keptEnd = -1;
        private int _from = -1;
        private int _to;

        public bool HasKept { get; private set; }

        public void Add(ByteRange message, bool goes, JsonEdits edits)
        {
            if (goes)
            {
                _from = _from < 0 ? message.Start : _from;
                _to = message.End;
                return;
            }

            if (_from >= 0)
            {
                edits.Replace(new(_from, message.Start - _from), default);
                _from = -1;
            }

            (HasKept, _keptEnd) = (true, message.End);
        }

        public readonly void End(JsonEdits edits)
        {
            if (_from >= 0)
            {
                var from = HasKept ? _keptEnd : Math.Max(start, _from);
                edits.Replace(new(from, _to - from), default);
            }
        }
    }
}
