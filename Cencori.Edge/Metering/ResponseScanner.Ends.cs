namespace Cencori.Edge.Metering;

/// <summary>Checks whether a stream is complete.</summary>
internal sealed partial class ResponseScanner
{
    private StreamCompletion _ends;
    private long _choiceIndex;
    private bool _isChoiceFinished;
    private bool _hasAnything;
    private bool _isBroken;

    // These fields belong to the current document (event), and to the previous one if it was broken.
    private bool _hasReason;
    private bool _isReasonUncertain;

    /// <summary>Sequence number of the next event, if events are numbered. Otherwise 0.</summary>
    public long NextSequenceNumber { get; private set; }

    /// <summary>True when the last event of the stream has arrived.</summary>
    public bool HasLastEvent => _ends.HasLastEvent;

    /// <summary>Call after the last document.</summary>
    /// <param name="isKnown">True when the stream should have a format that the edge knows. It is then incomplete if it is empty or ends in a partial document.</param>
    public bool IsComplete(bool isKnown) =>
        _ends.IsKnown ? (_ends.AreReached && !_isReasonUncertain) || (HasError && !_isBroken) : !isKnown || (_hasAnything && !_isBroken);

    private void BeginChoice()
    {
        _ends.BeginChoices();
        (_choiceIndex, _isChoiceFinished) = (0, false);
    }

    private void EndChoice()
    {
        _ends.NoteChoice(_choiceIndex, _isChoiceFinished);
        _hasReason |= _isChoiceFinished;
    }

    private void NoteDocument(bool isWhole)
    {
        (_hasAnything, _isBroken) = (true, _isObject && !isWhole);
        (_hasReason, _isReasonUncertain) = (false, _hasReason && !isWhole);
        if (isWhole)
        {
            _ends.NoteEvent(_kind.Span);
        }
    }
}
