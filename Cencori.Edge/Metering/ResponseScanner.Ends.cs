namespace Cencori.Edge.Metering;

/// <summary>Checks whether a stream is complete.</summary>
internal sealed partial class ResponseScanner
{
    private StreamCompletion _completion;
    private long _choiceIndex;
    private bool _isChoiceFinished;
    private bool _hasAnything;
    private bool _isBroken;

    // _hasReason: the current document (event) has a finish reason. _isReasonUncertain: the previous document had a finish reason, but was incomplete. A stream
    // that ends with such a document is not complete.
    private bool _hasReason;
    private bool _isReasonUncertain;

    /// <summary>Sequence number that the next event will have: one more than that of the last event. 0 when the stream does not number its events.</summary>
    public long NextSequenceNumber { get; private set; }

    /// <summary>True when the last event of the stream has arrived.</summary>
    public bool HasLastEvent => _completion.HasLastEvent;

    /// <summary>Call after the last document.</summary>
    /// <param name="isKnown">True when the stream should have a known format. A stream that is empty or ends in a partial document is then incomplete.</param>
    public bool IsComplete(bool isKnown) =>
        _completion.IsKnown ? (_completion.IsComplete && !_isReasonUncertain) || (HasError && !_isBroken) : !isKnown || (_hasAnything && !_isBroken);

    private void BeginChoice()
    {
        _completion.BeginChoices();
        (_choiceIndex, _isChoiceFinished) = (0, false);
    }

    private void EndChoice()
    {
        _completion.NoteChoice(_choiceIndex, _isChoiceFinished);
        _hasReason |= _isChoiceFinished;
    }

    private void NoteDocument(bool isComplete)
    {
        (_hasAnything, _isBroken) = (true, _isObject && !isComplete);
        (_hasReason, _isReasonUncertain) = (false, _hasReason && !isComplete);
        if (isComplete)
        {
            _completion.NoteEvent(_kind.Span);
        }
    }
}
