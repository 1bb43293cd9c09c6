using System.Text.Json;

namespace Cencori.Edge.Dialects.ChatChunks;

/// <summary>
/// Finds the positions of the parts of one chat chunk in the chunk's JSON. One instance is reused for a whole stream, and allocates only when a chunk has more choices
/// or members than all earlier ones.
/// </summary>
internal sealed class Chunk
{
    private ChunkChoice[] _choices = new ChunkChoice[1];
    private MemberRange[] _members = new MemberRange[4];
    private int _choiceCount;
    private int _memberCount;

    /// <summary>The elements of <c>choices</c>.</summary>
    public ReadOnlySpan<ChunkChoice> Choices => _choices.AsSpan(0, _choiceCount);

    /// <summary>True when there is a list of choices, which may be empty.</summary>
    public bool HasChoices { get; private set; }

    /// <summary>The position of the whole list of choices.</summary>
    public Range AllChoices { get; private set; }

    /// <summary>The position of the <c>usage</c> object. Empty when there is none.</summary>
    public Range Usage { get; private set; }

    /// <summary>True when the chunk reports an error.</summary>
    public bool IsError { get; private set; }

    /// <summary>The position of the error message, a string with its quotes. Empty when there is none.</summary>
    public Range ErrorMessage { get; private set; }

    /// <summary>The members of a choice's <c>delta</c>, except fragments of tool calls.</summary>
    public ReadOnlySpan<MemberRange> MembersOf(in ChunkChoice choice) => _members.AsSpan(choice.FirstMember, choice.MemberCount);

    /// <returns>False when the chunk is not a JSON object.</returns>
    public bool TryRead(ReadOnlySpan<byte> json)
    {
        (_choiceCount, _memberCount, HasChoices, AllChoices, Usage, IsError, ErrorMessage) = (0, 0, false, default, default, false, default);
        if (json.TrimStart(" \t\n"u8) is not [(byte)'{', ..])
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            ReadRoot(ref reader);

            // Read throws a JsonException when anything follows the object.
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void ReadRoot(ref Utf8JsonReader reader)
    {
        var (isErrorKind, message) = (false, default(Range));
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isChoices, isUsage, isErrorName) = (reader.ValueSpan.SequenceEqual("choices"u8), reader.ValueSpan.SequenceEqual("usage"u8), reader.ValueSpan.SequenceEqual("error"u8));
            var (isKind, isMessage) = (reader.ValueSpan.SequenceEqual("type"u8), reader.ValueSpan.SequenceEqual("message"u8));
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray when isChoices:
                    ReadChoices(ref reader);
                    (HasChoices, AllChoices) = (true, start..(int)reader.BytesConsumed);
                    break;
                case JsonTokenType.StartObject when isUsage:
                    reader.Skip();
                    Usage = start..(int)reader.BytesConsumed;
                    break;
                case JsonTokenType.StartObject when isErrorName:
                    IsError = true;
                    ReadError(ref reader);
                    break;
                case JsonTokenType.String when isErrorName && reader.ValueSpan.Length > 0:
                    (IsError, ErrorMessage) = (true, start..(int)reader.BytesConsumed);
                    break;
                case JsonTokenType.String when isMessage:
                    message = start..(int)reader.BytesConsumed;
                    break;
                default:
                    IsError |= isErrorName && reader.TokenType == JsonTokenType.StartArray;
                    isErrorKind |= isKind && reader.TokenType == JsonTokenType.String && reader.ValueSpan.SequenceEqual("error"u8);
                    reader.Skip();
                    break;
            }
        }

        IsError |= isErrorKind;
        ErrorMessage = IsError && ErrorMessage.IsEmpty() ? message : ErrorMessage;
    }

    private void ReadError(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isMessage = reader.ValueSpan.SequenceEqual("message"u8);
            reader.Read();
            if (isMessage && reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length > 0)
            {
                ErrorMessage = (int)reader.TokenStartIndex..(int)reader.BytesConsumed;
            }

            reader.Skip();
        }
    }

    private void ReadChoices(ref Utf8JsonReader reader)
    {
        for (_choiceCount = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray;)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            if (_choiceCount == _choices.Length)
            {
                Array.Resize(ref _choices, 2 * _choiceCount);
            }

            ref var choice = ref _choices[_choiceCount++];
            choice = new() { Index = _choiceCount - 1, FirstMember = _memberCount };
            ReadChoice(ref reader, ref choice);
        }
    }

    private void ReadChoice(ref Utf8JsonReader reader, ref ChunkChoice choice)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isIndex, isFinish, isDelta) = (reader.ValueSpan.SequenceEqual("index"u8), reader.ValueSpan.SequenceEqual("finish_reason"u8), reader.ValueSpan.SequenceEqual("delta"u8));
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            if (isIndex && reader.TokenType == JsonTokenType.Number)
            {
                choice.Index = reader.TryGetInt64(out var index) ? index : long.MaxValue;
            }
            else if (isDelta && reader.TokenType == JsonTokenType.StartObject)
            {
                ReadDelta(ref reader, ref choice);
            }
            else
            {
                var isNothing = Skip(ref reader);
                choice.HasOtherMembers |= !isNothing && !isIndex && !isFinish;
                choice.FinishReason = isFinish && !isNothing && reader.TokenType == JsonTokenType.String ? start..(int)reader.BytesConsumed : choice.FinishReason;
            }

            choice.Delta = isDelta ? start..(int)reader.BytesConsumed : choice.Delta;
        }

        choice.End = (int)reader.TokenStartIndex;
    }

    private void ReadDelta(ref Utf8JsonReader reader, ref ChunkChoice choice)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = (int)reader.TokenStartIndex;
            var nameEnd = name + 1 + reader.ValueSpan.Length;
            var (isContent, isCalls, isFunction) = (reader.ValueSpan.SequenceEqual("content"u8), reader.ValueSpan.SequenceEqual("tool_calls"u8), reader.ValueSpan.SequenceEqual("function_call"u8));
            var isRole = reader.ValueSpan.SequenceEqual("role"u8);
            reader.Read();
            var (start, kind) = ((int)reader.TokenStartIndex, reader.TokenType);
            var isNothing = Skip(ref reader);
            var value = start..(int)reader.BytesConsumed;
            if (isCalls && (isNothing || kind == JsonTokenType.StartArray))
            {
                choice.Calls = isNothing ? choice.Calls : value;
                continue;
            }

            if (isFunction && (isNothing || kind == JsonTokenType.StartObject))
            {
                choice.Function = isNothing ? choice.Function : value;
                continue;
            }

            choice.Content = isContent ? value : choice.Content;
            choice.HasRole |= isRole;
            choice.HasOtherMembers |= !isNothing && !isRole;
            choice.MemberCount++;
            if (_memberCount == _members.Length)
            {
                Array.Resize(ref _members, 2 * _memberCount);
            }

            _members[_memberCount++] = new((name + 1)..nameEnd, name..(int)reader.BytesConsumed);
        }
    }

    // Skips a value. Returns true when the value was null, or an empty string, list or object.
    private static bool Skip(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return true;
            case JsonTokenType.String:
                return reader.ValueSpan.IsEmpty;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                var behindFirst = reader.BytesConsumed;
                reader.Skip();
                return reader.TokenStartIndex == behindFirst;
            default:
                return false;
        }
    }
}
