namespace Cencori.Edge.Metering;

/// <summary>
/// How far a stream has come. Streams of chunks are whole when each of their choices has a reason for its end, those of typed events at the
/// event that their operation ends with. Of any other format nobody here knows.
/// </summary>
internal struct StreamCompletion
{
    // More than any provider makes; of those beyond nothing is remembered.
    private const int MaxChoices = 4096;
    private const int BitsOfWord = 64;

    // For each 64 choices: which have begun, and which of them have a reason for their end.
    private ulong[]? _choices;
    private bool _hasChoices;
    private bool _hasEvents;
    private bool _hasLast;

    public readonly bool HasLastEvent => _hasLast;

    /// <summary>The edge knows the format.</summary>
    public readonly bool IsKnown => _hasChoices || _hasEvents;

    /// <summary>Nothing more has to come.</summary>
    public readonly bool AreReached => (!_hasChoices || AreChoicesFinished) && (!_hasEvents || _hasLast);

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

    /// <summary>There is a list of choices, perhaps without any.</summary>
    public void BeginChoices() => _hasChoices = true;

    /// <param name="index">Of the choice.</param>
    /// <param name="isFinished">It has told why it ends.</param>
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

    /// <param name="type">What an event says to be; empty where it says nothing.</param>
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
