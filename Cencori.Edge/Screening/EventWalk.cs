using System.IO.Hashing;
using System.Text.Json;
using Cencori.Edge.Bodies;

namespace Cencori.Edge.Screening;

/// <summary>Finds the texts of an event, of whichever dialect: what is whole, and what goes on in later events, by the structure around it.</summary>
/// <remarks>For one thread at a time; its memory is used again.</remarks>
internal sealed class EventWalk
{
    private const int MaxDepth = 512;

    private Frame[] _frames = new Frame[16];
    private int _depth;
    private bool _isSound;

    /// <summary>In the order of the event.</summary>
    public List<EventText> Texts { get; } = [];

    /// <summary>Values that repeat tokens of the text one by one.</summary>
    public List<ByteRange> Tokens { get; } = [];

    /// <summary>It ends a text, a choice or the answer.</summary>
    public bool Closes { get; private set; }

    private ref Frame Top => ref _frames[_depth - 1];

    /// <param name="json">The data of an event.</param>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public void Read(ReadOnlySpan<byte> json)
    {
        Texts.Clear();
        Tokens.Clear();
        (_depth, Closes, _isSound) = (0, false, false);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    Begin(reader.TokenType == JsonTokenType.StartArray, json);
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    End();
                    break;
                case JsonTokenType.PropertyName:
                    Top.Name = new((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
                    if (reader.ValueSpan.SequenceEqual("logprobs"u8))
                    {
                        SkipTokens(ref reader);
                    }

                    break;
                case JsonTokenType.String:
                    TakeText(reader, json);
                    break;
                case JsonTokenType.Number when _depth > 0 && !Top.IsList && IsIdentity(NameOf(json)):
                    Top.Identity = Mix(Top.Identity, XxHash3.HashToUInt64(reader.ValueSpan));
                    break;
            }
        }

        if (_isSound)
        {
            // What comes piece by piece there is base64, of which no part can be read.
            Texts.RemoveAll(static text => text.IsFragment);
        }
    }

    private static bool IsIdentity(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("index"u8) || name.SequenceEqual("output_index"u8) || name.SequenceEqual("content_index"u8) || name.SequenceEqual("summary_index"u8) || name.SequenceEqual("item_id"u8);

    // By name, and only where something comes piece by piece: elsewhere they are whole.
    private static bool IsFragmentName(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("content"u8) || name.SequenceEqual("text"u8) || name.SequenceEqual("delta"u8) || name.SequenceEqual("arguments"u8) || name.SequenceEqual("partial_json"u8)
        || name.SequenceEqual("reasoning_content"u8) || name.SequenceEqual("reasoning"u8) || name.SequenceEqual("thinking"u8) || name.SequenceEqual("refusal"u8)
        || name.SequenceEqual("transcript"u8) || name.SequenceEqual("input"u8) || name.SequenceEqual("summary"u8) || name.SequenceEqual("citation"u8);

    private static ulong Mix(ulong hash, ulong more) => (System.Numerics.BitOperations.RotateLeft(hash, 23) ^ more) * 0x9E3779B97F4A7C15;

    private void Begin(bool isList, ReadOnlySpan<byte> json)
    {
        var isDelta = _depth > 0 && (Top.IsDelta || (!Top.IsList && NameOf(json).SequenceEqual("delta"u8)));
        var isChoices = _depth > 0 && !Top.IsList && isList && NameOf(json).SequenceEqual("choices"u8);
        if (_depth == _frames.Length)
        {
            Array.Resize(ref _frames, 2 * _depth);
        }

        var isArguments = _depth > 0 && (Top.IsArguments || (!Top.IsList && (NameOf(json).SequenceEqual("tool_calls"u8) || NameOf(json).SequenceEqual("function_call"u8))));
        _frames[_depth] = new()
        {
            IsList = isList,
            IsDelta = isDelta,
            IsChoices = isChoices,
            IsChoice = _depth > 0 && Top.IsChoices,
            IsArguments = isArguments,
            FirstText = Texts.Count,
            Path = _depth == 0 ? 1 : Top.IsList ? Top.Path : Mix(Top.Path, XxHash3.HashToUInt64(NameOf(json))),
        };
        _depth++;
    }

    private ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> json) => Top.IsList ? default : json.Slice(Top.Name.Start, Top.Name.Length);

    private void End()
    {
        var frame = Top;
        _depth--;
        if (frame.IsList)
        {
            return;
        }

        var isItem = _depth == 0 || _frames[_depth - 1].IsList;
        var texts = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(Texts)[frame.FirstText..];
        foreach (ref var text in texts)
        {
            text.Channel = isItem || frame.Identity != 0 ? Mix(text.Channel, frame.Identity) : text.Channel;
            text.Owner = frame.IsChoice || _depth == 0 ? Mix(text.Owner, frame.Identity) : text.Owner;
        }
    }

    private void TakeText(in Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        if (_depth == 0)
        {
            Texts.Add(new(new((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length)));
            return;
        }

        var name = NameOf(json);
        if (_depth == 1 && name.SequenceEqual("type"u8))
        {
            TakeType(reader.ValueSpan);
        }

        Closes |= name.SequenceEqual("finish_reason"u8) || (name.SequenceEqual("stop_reason"u8) && Top.IsDelta);
        if (!Top.IsList && IsIdentity(name))
        {
            Top.Identity = Mix(Top.Identity, XxHash3.HashToUInt64(reader.ValueSpan));
        }

        // Noise that OpenAI puts there against guessing of lengths.
        if (name.SequenceEqual("obfuscation"u8))
        {
            return;
        }

        // What comes piece by piece stands in a delta; in completions it is the text of a choice.
        var isFragment = IsFragmentName(name) && (Top.IsDelta || name.SequenceEqual("delta"u8) || (Top.IsChoice && name.SequenceEqual("text"u8)));
        Texts.Add(new(new((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length))
        {
            IsFragment = isFragment,
            Channel = Mix(Top.Path, XxHash3.HashToUInt64(name)),
            IsArguments = Top.IsArguments || name.SequenceEqual("arguments"u8) || name.SequenceEqual("partial_json"u8),
        });
    }

    private void TakeType(ReadOnlySpan<byte> type)
    {
        Closes |= type.EndsWith(".done"u8) || type.EndsWith(".completed"u8) || type.EndsWith(".incomplete"u8) || type.EndsWith(".failed"u8) || type.EndsWith("_stop"u8)
            || type.SequenceEqual("message_delta"u8) || type.SequenceEqual("error"u8);
        _isSound |= type.SequenceEqual("response.audio.delta"u8) || type.SequenceEqual("response.output_audio.delta"u8);
        var isArguments = type.EndsWith("_arguments.delta"u8) || type.EndsWith("_call_input.delta"u8);
        if (_depth == 1)
        {
            Top.IsArguments |= isArguments;
        }
    }

    private void SkipTokens(ref Utf8JsonReader reader)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        if (reader.TokenType != JsonTokenType.Null)
        {
            Tokens.Add(new(start, (int)reader.BytesConsumed - start));
        }
    }

    private struct Frame
    {
        public bool IsList { get; init; }

        public bool IsDelta { get; init; }

        public bool IsChoices { get; init; }

        public bool IsChoice { get; init; }

        public bool IsArguments { get; set; }

        public int FirstText { get; init; }

        public ulong Path { get; init; }

        public ulong Identity { get; set; }

        public ByteRange Name { get; set; }
    }
}
