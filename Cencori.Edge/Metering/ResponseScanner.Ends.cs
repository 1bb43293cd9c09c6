namespace Cencori.Edge.Metering;

/// <summary>Whether a stream is whole.</summary>
internal sealed partial class ResponseScanner
{
    private StreamCompletion _ends;
    private long _choiceIndex;
    private bool _isChoiceFinished;
    private bool _hasAnything;
    private bool _isBroken;

    // In the document under way, and in the one before if that was broken.
    private bool _tellsReason;
    private bool _isReasonInDoubt;

    /// <summary>Of the event that would come next, where events are numbered; else 0.</summary>
    public long NextSequenceNumber { get; private set; }

    /// <summary>The event has come that is the last of its stream.</summary>
    public bool HasLastEvent => _ends.HasLastEvent;

    /// <summary>To be asked behind the last document.</summary>
    /// <param name="isKnown">The stream should be of a format that the edge knows: then it is not whole where it has told nothing, or half of something.</param>
    public bool IsWhole(bool isKnown) =>
        _ends.IsKnown ? (_ends.AreReached && !_isReasonInDoubt) || (HasError && !_isBroken) : !isKnown || (_hasAnything && !_isBroken);

    private void BeginChoice()
    {
        _ends.BeginChoices();
        (_choiceIndex, _isChoiceFinished) = (0, false);
    }

    private void EndChoice()
    {
        _ends.NoteChoice(_choiceIndex, _isChoiceFinished);
        _tellsReason |= _isChoiceFinished;
    }

    private void NoteDocument(bool isWhole)
    {
        (_hasAnything, _isBroken) = (true, _isObject && !isWhole);
        (_tellsReason, _isReasonInDoubt) = (false, _tellsReason && !isWhole);
        if (isWhole)
        {
            _ends.NoteEvent(_kind.Span);
        }
    }
}
