using System.Globalization;
using Cencori.Edge.Models;

namespace Cencori.Edge.Metering;

/// <summary>What becomes of the values that matter.</summary>
internal sealed partial class ResponseScanner
{
    private ReportedUsage _reported;
    private ReportedUsage _open;
    private bool _hasOpenValue;
    private bool _isFirstUsage;
    private OutputText _text;
    private OutputText.Mark _documentStart;
    private (JsonLocation Place, ResponseField Field, long Choice) _writing;
    private ResponseField _reasoningName;
    private long _choice;
    private Utf8Token _tier;
    private bool _isError;
    private bool _hasUsage;
    private bool _hasTextBehindUsage;

    /// <summary>The provider told an error within its response.</summary>
    public bool HasError { get; private set; }

    /// <summary>What the provider has told so far.</summary>
    public ref readonly ReportedUsage Reported => ref _reported;

    /// <summary>The response says in which tier it was served.</summary>
    public bool HasTier { get; private set; }

    /// <inheritdoc cref="TokenUsage.ServiceTier"/>
    public string? ServiceTier => ServiceTiers.Find(_tier.Span);

    /// <summary>A number of a usage is none that anything can have been used by.</summary>
    public bool HasOddUsage { get; private set; }

    /// <summary>A document that can say something has been read to its end: an event's, or the whole response's.</summary>
    public bool HasDocument { get; private set; }

    /// <summary>There was a place for output, if perhaps nothing in it.</summary>
    public bool HasOutputPlace { get; private set; }

    /// <summary>The provider has told, and nothing was written after that.</summary>
    public bool IsFinal => _reported.IsKnown && IsLast;

    /// <summary>Nothing was written after the last usage, which was not told at the beginning.</summary>
    public bool IsLast => !_hasTextBehindUsage && !_isFirstUsage;

    public long TextBytes => _text.Bytes;

    /// <inheritdoc cref="OutputText.Count"/>
    public long CountText() => _text.Count();

    /// <inheritdoc cref="OutputText.Release"/>
    public void ReleaseText() => _text.Release();

    /// <summary>An event or the whole response is over, complete or not; the next byte begins another document.</summary>
    public void EndDocument()
    {
        if (_state == State.Before)
        {
            return;
        }

        var isWhole = _state == State.Over && _isObject;
        HasDocument |= isWhole;
        NoteDocument(isWhole);
        work?.EndDocument(isWhole: false);
        _isError |= IsErrorKind;
        HasError |= _isError;

        // What an error says was not written by the model; the events at the end of a part repeat it; sound is no text.
        if (_isError || TakesTextBack)
        {
            _text.RollBack(_documentStart);
        }

        // Anthropic's first event tells the input, and of the output what there was by then.
        _isFirstUsage = _hasUsage ? _kind.Is("message_start"u8) : _isFirstUsage;
        _hasTextBehindUsage = !_hasUsage && (_hasTextBehindUsage || _text.Bytes > _documentStart.Bytes);
        _documentStart = _text.Here();
        _kind.Clear();
        _places = default;
        (_state, _field, _choice, _isError, _hasUsage, _expectsName, _json) = (State.Before, ResponseField.Other, 0, false, false, false, default);
    }

    private bool IsErrorKind => _kind.Is("error"u8) || _kind.Is("response.failed"u8);

    private bool TakesTextBack => _kind.EndsWith(".done"u8) || _kind.EndsWith("audio.delta"u8);

    private void BeginUsage() => (_open, _hasOpenValue) = (_reported, false);

    private void EndUsage()
    {
        if (_hasOpenValue)
        {
            (_reported, _hasUsage) = (_open, true);
        }
    }

    private void NoteNumber()
    {
        if (_places.Current.IsUsage(_field))
        {
            _open.Set(_places.Current, _field, _number);
            _hasOpenValue = true;
        }
        else if (work is not null && _places.Current == JsonLocation.Root && _field == ResponseField.TrainedTokens)
        {
            _reported.Set(JsonLocation.Usage, ResponseField.TotalTokens, _number);
            work.IsTraining = true;
        }
        else if (_places.Current == JsonLocation.Choice && _field == ResponseField.Index)
        {
            (_choice, _choiceIndex) = (_number, _number);
        }
        else if (_places.Current == JsonLocation.Root && _field == ResponseField.SequenceNumber)
        {
            NextSequenceNumber = _number + 1;
        }
        else if (_places.Current == JsonLocation.Root && _field == ResponseField.Duration)
        {
            _tellsMore = true;
            _reported.SetDuration(_isFraction ? _number + 1 : _number);
        }
    }

    private void NoteCost()
    {
        if (_field == ResponseField.IsByok)
        {
            _open.SetByok(_word.Is("true"u8));
        }
        else if (decimal.TryParse(_word.Span, NumberStyles.Float, CultureInfo.InvariantCulture, out var cost))
        {
            _open.SetCost(_field, cost);
            _hasOpenValue = true;
        }
    }

    private void NoteOddNumber() => HasOddUsage |= _places.Current.IsUsage(_field);

    private void NoteErrorObject() => _isError |= IsError;

    private bool IsError => _field == ResponseField.Error && _places.Current is JsonLocation.Root or JsonLocation.Wrapped;
}
