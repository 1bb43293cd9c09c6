namespace Cencori.Edge.Metering;

/// <summary>
/// Detects whether an event stream is complete. A stream of chunks is complete when each choice has a finish reason. A stream of typed events is complete at
/// the final event of its operation. For other formats, this is not known.
/// </summary>
internal struct StreamCompletion
{
    // Maximum number of choices. No provider sends more; further choices are ignored.
    private const int MaxChoices = 4096;
    private const int BitsOfWord = 64;

    // Bit sets. For each 64 choices there are two words: the choices that have begun, and the choices that have a finish reason.
    private ulong[]? _choices;
    private bool _hasChoices;
    private bool _hasEvents;
    private bool _hasLast;

    public readonly bool HasLastEvent => _hasLast;

    /// <summary>True when the stream has a known format: a stream of chunks or of typed events.</summary>
    public readonly bool IsKnown => _hasChoices || _hasEvents;

    /// <summary>True when the stream is complete.</summary>
    public readonly bool IsComplete => (!_hasChoices || AreChoicesFinished) && (!_hasEvents || _hasLast);

    private readonly bool AreChoicesFinished
    {
        get
        {
            for (var word = 0; word < _choices?.Length; word += 2)
            {
                if (_choices[word] != _choices[word + 1])
                {
                    return false;
                }
            }

            return _choices is not null;
        }
    }

    /// <summary>Call it when a list of choices begins. The list may be empty.</summary>
    public void BeginChoices() => _hasChoices = true;

    /// <param name="index">Index of the choice.</param>
    /// <param name="isFinished">True when the choice has a finish reason.</param>
    public void NoteChoice(long index, bool isFinished)
    {
        if (index >= MaxChoices)
        {
            return;
        }

        var (word, bit) = ((int)(index / BitsOfWord) * 2, 1UL << (int)(index % BitsOfWord));
        if (!(word < _choices?.Length))
        {
            Array.Resize(ref _choices, word + 2);
        }

        _choices[word] |= bit;
        _choices[word + 1] |= isFinished ? bit : 0;
    }

    /// <param name="type">Type of the event. Empty when the event has no type.</param>
    public void NoteEvent(ReadOnlySpan<byte> type)
    {
        _hasEvents = _hasEvents || IsTyped(type);
        _hasLast = _hasLast || IsLast(type);
    }

    private static bool IsTyped(ReadOnlySpan<byte> type) =>
        type.StartsWith("response."u8)
        || type.StartsWith("message_"u8) || type.StartsWith("content_block_"u8)
        || type.StartsWith("speech.audio."u8) || type.StartsWith("transcript.text."u8)
        || type.StartsWith("image_generation."u8) || type.StartsWith("image_edit."u8);

    private static bool IsLast(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("response.completed"u8) || type.SequenceEqual("response.failed"u8) || type.SequenceEqual("response.incomplete"u8)
        || type.SequenceEqual("response.cancelled"u8) || type.SequenceEqual("response.done"u8)
        || type.SequenceEqual("message_stop"u8)
        || type.SequenceEqual("speech.audio.done"u8) || type.SequenceEqual("transcript.text.done"u8)
        || type.SequenceEqual("image_generation.completed"u8) || type.SequenceEqual("image_edit.completed"u8);
}
