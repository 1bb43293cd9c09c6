using System.IO.Hashing;
using System.Text.Json;

namespace Cencori.Edge.Bodies.Scanning;

internal ref partial struct RequestFieldReader
{
    // Maximum bytes of the prompt's start that the hash covers. Prompt caches start at about this length. All turns of a conversation share these bytes.
    private const int LongestPrefix = 4 * 1024;

    // Number of stored ids that one request may name, because the edge looks up each id.
    private const int MaxStoredIds = 8;
    private const int LongestStoredId = 256;

    private void ReadLabel(RequestField field) => (_labels ??= new()).Read(ref _reader, field);

    // Adds what the observer has found, at every occurrence of a repeated field: a provider may read any of them.
    private void Note(RequestField field, in InputObserver watch, long start)
    {
        if (Notes(NotedFields.Needs))
        {
            _requiredAbilities |= watch.RequiredAbilities;
        }

        if (watch.StoredIds is { } ids)
        {
            _innerStoredIds = [.. (_innerStoredIds ?? []).Union(ids).Take(StoredObjectObserver.Max)];
        }

        if (Notes(NotedFields.Prefix) && field is RequestField.Tools or RequestField.Functions or RequestField.System or RequestField.Instructions
            or RequestField.Messages or RequestField.TextOrTokens)
        {
            AddToPrefix(start, watch.UserEnd == 0 ? _reader.BytesConsumed : watch.UserEnd);
        }
    }

    // Adds text to the hash of the prompt's start, up to the first user message. Later messages do not exist in the first turn of the conversation.
    private void AddToPrefix(long start, long end)
    {
        var length = (int)Math.Min(end - start, LongestPrefix - _prefixed);
        if (length > 0)
        {
            _prefix = XxHash3.HashToUInt64(_body.Slice(_start + (int)start, length), (long)_prefix);
            _prefixed += length;
        }
    }

    private readonly bool CanNameStoredObject(RequestField field) => field is RequestField.Elsewhere or RequestField.OtherRun or RequestField.Unknown
        && (_reader.ValueTextEquals("previous_response_id"u8) || _reader.ValueTextEquals("conversation"u8) || _reader.ValueTextEquals("input_file_id"u8)
            || _reader.ValueTextEquals("training_file"u8) || _reader.ValueTextEquals("validation_file"u8));

    private bool TryNoteStored()
    {
        var value = _reader;
        if (value.TokenType != JsonTokenType.StartObject)
        {
            return TryAddStored(ref value);
        }

        // A conversation may be an object that contains its id. This loop reads a copy of the reader, because the original reads the value later.
        while (value.Read() && value.TokenType == JsonTokenType.PropertyName)
        {
            var isId = value.ValueTextEquals("id"u8);
            value.Read();
            if (isId && !TryAddStored(ref value))
            {
                return false;
            }

            value.Skip();
        }

        return true;
    }

    private bool TryAddStored(ref Utf8JsonReader value)
    {
        // Longer ids are ignored: the edge never stores one.
        if (value.TokenType != JsonTokenType.String || value.ValueSpan.Length > LongestStoredId * 6)
        {
            return true;
        }

        _storedIds ??= [];
        _storedIds.Add(value.GetString()!);
        return _storedIds.Count <= MaxStoredIds || Refuse("The request body names too many stored objects.", null);
    }
}
