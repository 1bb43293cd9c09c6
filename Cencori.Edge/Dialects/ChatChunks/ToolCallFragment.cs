using System.Text.Json;

namespace Cencori.Edge.Dialects.ChatChunks;

/// <summary>Positions of an object's member in the chunk's JSON.</summary>
/// <param name="Name">The member's name, without quotes.</param>
/// <param name="Full">The member with name and value.</param>
internal readonly record struct MemberRange(Range Name, Range Full);

/// <summary>Positions of the parts of a tool call in one chunk's JSON; those of strings exclude the quotes. An empty range means that the chunk does not have that part.</summary>
internal readonly record struct ToolCallFragment(long? Index, Range Id, Range Type, Range Name, Range Arguments, bool IsCustom, List<MemberRange>? Others, List<MemberRange>? OthersInside)
{
    /// <param name="json">An element of <c>tool_calls</c>, or the value of <c>function_call</c>. Valid JSON.</param>
    /// <param name="start">The offset of <paramref name="json"/> in the chunk.</param>
    /// <param name="isInside">True when <paramref name="json"/> is a <c>function_call</c>: only the object with name and arguments.</param>
    public static ToolCallFragment Read(ReadOnlySpan<byte> json, int start, bool isInside)
    {
        var reading = new Reading(start);
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (isInside)
        {
            reading.ReadInside(ref reader);
        }
        else
        {
            reading.Read(ref reader);
        }

        return reading.Result;
    }

    private ref struct Reading(int start)
    {
        private long? _index;
        private Range _id;
        private Range _type;
        private Range _name;
        private Range _arguments;
        private bool _isCustom;
        private List<MemberRange>? _others;
        private List<MemberRange>? _othersInside;

        public readonly ToolCallFragment Result => new(_index, _id, _type, _name, _arguments, _isCustom, _others, _othersInside);

        public void Read(ref Utf8JsonReader reader)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (name, at) = (TextOf(reader), (int)reader.TokenStartIndex);
                var (isIndex, isId, isType) = (reader.ValueSpan.SequenceEqual("index"u8), reader.ValueSpan.SequenceEqual("id"u8), reader.ValueSpan.SequenceEqual("type"u8));
                var isCustom = reader.ValueSpan.SequenceEqual("custom"u8);
                var isCalled = isCustom || reader.ValueSpan.SequenceEqual("function"u8);
                reader.Read();
                switch (reader.TokenType)
                {
                    case JsonTokenType.Number when isIndex && reader.TryGetInt64(out var index):
                        _index = index;
                        break;
                    case JsonTokenType.String when isId:
                        _id = TextOf(reader);
                        break;
                    case JsonTokenType.String when isType:
                        _type = TextOf(reader);
                        break;
                    case JsonTokenType.StartObject when isCalled:
                        _isCustom |= isCustom;
                        ReadInside(ref reader);
                        break;
                    default:
                        Keep(ref reader, name, at, isKnown: isIndex || isId || isType || isCalled, ref _others);
                        break;
                }
            }
        }

        public void ReadInside(ref Utf8JsonReader reader)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (name, at) = (TextOf(reader), (int)reader.TokenStartIndex);
                var isName = reader.ValueSpan.SequenceEqual("name"u8);
                var isText = reader.ValueSpan.SequenceEqual("arguments"u8) || reader.ValueSpan.SequenceEqual("input"u8);
                reader.Read();
                switch (reader.TokenType)
                {
                    case JsonTokenType.String when isName:
                        _name = TextOf(reader);
                        break;
                    case JsonTokenType.String when isText:
                        _arguments = TextOf(reader);
                        break;
                    default:
                        Keep(ref reader, name, at, isKnown: isName || isText, ref _othersInside);
                        break;
                }
            }
        }

        private readonly Range TextOf(in Utf8JsonReader reader)
        {
            // Skips the opening quote.
            var at = start + (int)reader.TokenStartIndex + 1;
            return at..(at + reader.ValueSpan.Length);
        }

        private readonly void Keep(ref Utf8JsonReader reader, Range name, int at, bool isKnown, ref List<MemberRange>? others)
        {
            reader.Skip();
            if (!isKnown)
            {
                (others ??= []).Add(new(name, (start + at)..(start + (int)reader.BytesConsumed)));
            }
        }
    }
}
