using System.Globalization;
using Cencori.Edge.Models;

namespace Cencori.Edge.Metering;

/// <summary>Handles the JSON values that the meter needs.</summary>
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

    /// <summary>True when the provider reported an error within its response.</summary>
    public bool HasError { get; private set; }

    /// <summary>The usage that the provider has reported so far.</summary>
    public ref readonly ReportedUsage Reported => ref _reported;

    /// <summary>True when the response states its service tier.</summary>
    public bool HasTier { get; private set; }

    /// <inheritdoc cref="TokenUsage.ServiceTier"/>
    public string? ServiceTier => ServiceTiers.Find(_tier.Span);

    /// <summary>True when a number in a usage is impossible, such as a negative one.</summary>
    public bool HasImpossibleUsage { get; private set; }

    /// <summary>True when a complete document was read: the data of an event, or the whole response.</summary>
    public bool HasDocument { get; private set; }

    /// <summary>True when the response had a member for output, even if the member was empty.</summary>
    public bool HasOutputField { get; private set; }

    /// <summary>True when the provider has reported usage and no output followed.</summary>
    public bool IsUsageFinal => _reported.IsKnown && IsUsageLast;

    /// <summary>True when no output followed the last usage report, and that report was not Anthropic's report at the start of a stream.</summary>
    public bool IsUsageLast => !_hasTextBehindUsage && !_isFirstUsage;

    public long TextBytes => _text.Bytes;

    /// <inheritdoc cref="OutputText.Count"/>
    public long CountText() => _text.Count();

    /// <inheritdoc cref="OutputText.Release"/>
    public void ReleaseText() => _text.Release();

    /// <summary>Ends an event or the whole response, complete or not. The next byte starts another document.</summary>
    public void EndDocument()
    {
        if (_state == State.Before)
        {
            return;
        }

        var isComplete = _state == State.Over && _isObject;
        HasDocument |= isComplete;
        NoteDocument(isComplete);
        work?.EndDocument(isComplete: false);
        _isError |= IsErrorKind;
        HasError |= _isError;

        // Discards text of this document that is not new model output: error messages, repeats in the events that end a part, and audio data.
        if (_isError || RepeatsText)
        {
            _text.RollBack(_documentStart);
        }

        // Anthropic's first event reports the input tokens and only the first output tokens.
        _isFirstUsage = _hasUsage ? _kind.Is("message_start"u8) : _isFirstUsage;
        _hasTextBehindUsage = !_hasUsage && (_hasTextBehindUsage || _text.Bytes > _documentStart.Bytes);
        _documentStart = _text.Here();
        _kind.Clear();
        _places = default;
        (_state, _field, _choice, _isError, _hasUsage, _expectsName, _json) = (State.Before, ResponseField.Other, 0, false, false, false, default);
    }

    private bool IsErrorKind => _kind.Is("error"u8) || _kind.Is("response.failed"u8);

    private bool RepeatsText => _kind.EndsWith(".done"u8) || _kind.EndsWith("audio.delta"u8);

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
            _hasOtherMembers = true;
            _reported.SetDuration(_isMore ? _number + 1 : _number);
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

    private void NoteOddNumber() => HasImpossibleUsage |= _places.Current.IsUsage(_field);

    private void NoteErrorObject() => _isError |= IsError;

    private bool IsError => _field == ResponseField.Error && _places.Current is JsonLocation.Root or JsonLocation.Wrapped;
}
