using System.IO.Hashing;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Cencori.Edge.Bodies;

namespace Cencori.Edge.Screening.Events;

/// <summary>Finds the texts of an event in any API's format. Decides from the structure which texts are complete and which continue in later events.</summary>
/// <remarks>Not thread-safe. Reuses its memory.</remarks>
internal sealed class EventWalk
{
    public const int MaxDepth = 512;

    // Number of characters of the shortest number that is scanned. A number with fewer digits cannot match any rule.
    private const int ShortestNumber = 9;

    private EventFrame[] _frames = new EventFrame[16];
    private int _depth;
    private bool _hasAudio;

    /// <summary>The requested model. Null: not known.</summary>
    public string? Model { get; init; }

    /// <summary>The texts of the last event, in event order.</summary>
    public List<EventText> Texts { get; } = [];

    /// <summary>Ranges of values that repeat the model output token by token, such as log probabilities.</summary>
    public List<ByteRange> Tokens { get; } = [];

    /// <summary>Ids of the choices and items whose texts are all complete after this event.</summary>
    public List<ulong> Closed { get; } = [];

    /// <summary>True when all texts of the response are complete after this event.</summary>
    public bool ClosesAll { get; private set; }

    private ref EventFrame Top => ref _frames[_depth - 1];

    /// <param name="json">The data of an event.</param>
    /// <exception cref="JsonException">The data is not JSON.</exception>
    public void Read(ReadOnlySpan<byte> json)
    {
        Texts.Clear();
        Tokens.Clear();
        Closed.Clear();
        (_depth, ClosesAll, _hasAudio) = (0, false, false);
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
                    TakeName(ref reader);
                    break;
                case JsonTokenType.String:
                    TakeText(reader, json);
                    break;
                case JsonTokenType.Number:
                    TakeNumber(reader, json);
                    break;
            }
        }

        if (_hasAudio)
        {
            // The fragments in an event with base64 audio are audio data, not text.
            Texts.RemoveAll(static text => text.IsFragment);
        }
    }

    private static ulong Mix(ulong hash, ulong more) => (BitOperations.RotateLeft(hash, 23) ^ more) * 0x9E3779B97F4A7C15;

    private void Begin(bool isList, ReadOnlySpan<byte> json)
    {
        var name = _depth == 0 ? default : NameOf(json);
        var isWithin = _depth > 0;
        ClosesAll |= _depth == 1 && name.SequenceEqual("error"u8);
        if (_depth == _frames.Length)
        {
            Array.Resize(ref _frames, 2 * _depth);
        }

        _frames[_depth] = new()
        {
            IsList = isList,
            Name = isList && isWithin ? Top.Name : default,
            IsInput = isWithin && (Top.IsInput || ResponseTexts.IsInput(name)),
            IsForeign = isWithin && (Top.IsForeign || IsForeign(name, json)),
            IsDelta = isWithin && (Top.IsDelta || name.SequenceEqual("delta"u8)) && !EventNames.HoldsCompleteTexts(name),
            IsChoices = isList && name.SequenceEqual("choices"u8),
            IsChoice = isWithin && Top.IsChoices,
            IsArguments = isWithin && (Top.IsArguments || name.SequenceEqual("tool_calls"u8) || name.SequenceEqual("function_call"u8)),
            FirstText = Texts.Count,
            Path = !isWithin ? 1 : Top.IsList ? Top.Path : Mix(Top.Path, XxHash3.HashToUInt64(name)),
        };
        _depth++;
    }

    private ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> json) => Top.IsList ? default : json.Slice(Top.Name.Start, Top.Name.Length);

    // Members that are not model output are at the top level, or inside the response object of the first and the last event.
    private bool IsForeign(ReadOnlySpan<byte> name, ReadOnlySpan<byte> json)
    {
        if (_depth > 2 || !ResponseTexts.IsForeign(name))
        {
            return false;
        }

        var outer = _frames[0].IsList ? default : json.Slice(_frames[0].Name.Start, _frames[0].Name.Length);
        return _depth == 1 || outer.SequenceEqual("response"u8) || outer.SequenceEqual("message"u8);
    }

    private void End()
    {
        var frame = Top;
        _depth--;
        if (frame.IsList)
        {
            return;
        }

        var identity = frame.Identity != 0 ? frame.Identity : frame.ItemId;
        var isOwner = frame.IsChoice || _depth == 0;
        foreach (ref var text in CollectionsMarshal.AsSpan(Texts)[frame.FirstText..])
        {
            text.Channel = Mix(text.Channel, identity);
            text.Owner = isOwner ? Mix(text.Owner, identity) : text.Owner;
            text.IsArguments |= frame.IsArguments && text.IsFragment;
            text.IsFree |= frame.IsFree && text.IsFragment;
        }

        if (_depth == 0)
        {
            foreach (ref var owner in CollectionsMarshal.AsSpan(Closed))
            {
                owner = Mix(owner, identity);
            }
        }

        if (frame.Closes)
        {
            Closed.Add(Mix(0, identity));
        }
    }

    private void TakeName(ref Utf8JsonReader reader)
    {
        var name = reader.ValueSpan;
        Top.Name = new((int)reader.TokenStartIndex + 1, name.Length);
        if (name.SequenceEqual("logprobs"u8))
        {
            SkipTokens(ref reader);
        }
        else if (!ApiNames.Has(name))
        {
            Texts.Add(new(Top.Name) { IsName = true });
        }
    }

    private void TakeText(in Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        var inside = new ByteRange((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
        if (_depth == 0)
        {
            Texts.Add(new(inside));
            return;
        }

        var name = NameOf(json);
        if (_depth == 1 && name.SequenceEqual("type"u8))
        {
            TakeType(reader.ValueSpan);
        }

        ClosesAll |= _depth == 1 && name.SequenceEqual("error"u8);
        // A native endpoint (/api/ai/…) also sends finish_reason beside the choices.
        Top.Closes |= (Top.IsChoice || _depth == 1) && name.SequenceEqual("finish_reason"u8) && EventNames.IsReason(reader.ValueSpan);
        if (name.SequenceEqual("item_id"u8))
        {
            Top.ItemId = XxHash3.HashToUInt64(reader.ValueSpan);
        }

        // Most APIs send fragments inside a delta. The completions API sends them as the text of a choice.
        var isFragment = (Top.IsDelta || name.SequenceEqual("delta"u8) || (Top.IsChoice && name.SequenceEqual("text"u8))) && !EventNames.IsNeverPartial(name);

        // Skips OpenAI's padding against length guessing, words that the API defines, and the requested model. A fragment may equal such a word by chance,
        // so it is not skipped.
        if (name.SequenceEqual("obfuscation"u8) || (!isFragment && ApiNames.IsWord(name, reader.ValueSpan)) || (name.SequenceEqual("model"u8) && KnownModel.Is(Model, reader.ValueSpan)))
        {
            return;
        }

        Texts.Add(new(inside)
        {
            IsFragment = isFragment,
            Name = Top.Name,
            IsInput = Top.IsInput,
            IsForeign = Top.IsForeign || IsForeign(name, json),
            Channel = Mix(Top.Path, XxHash3.HashToUInt64(name)),
            IsArguments = Top.IsArguments || name.SequenceEqual("arguments"u8) || name.SequenceEqual("partial_json"u8),
            IsFree = Top.IsFree || (Top.IsArguments && name.SequenceEqual("input"u8)),
        });
    }

    private void TakeNumber(in Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        if (_depth > 0 && !Top.IsList && EventNames.IsIdentity(NameOf(json)))
        {
            // The lowest bit is set, because 0 means that there is no identity.
            Top.Identity = Mix(Top.Identity, XxHash3.HashToUInt64(reader.ValueSpan)) | 1;
        }
        else if (reader.ValueSpan.Length >= ShortestNumber)
        {
            Texts.Add(new(new((int)reader.TokenStartIndex, reader.ValueSpan.Length)) { IsNumber = true });
        }
    }

    private void TakeType(ReadOnlySpan<byte> type)
    {
        Top.Closes |= EventNames.ClosesOne(type);
        ClosesAll |= EventNames.ClosesAll(type);
        _hasAudio |= type.SequenceEqual("response.audio.delta"u8) || type.SequenceEqual("response.output_audio.delta"u8);
        var isFree = type.EndsWith("_call_input.delta"u8);
        Top.IsFree |= isFree;
        Top.IsArguments |= isFree || type.EndsWith("_arguments.delta"u8);
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
}
