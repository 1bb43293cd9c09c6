using Cencori.Edge.Models;

namespace Cencori.Edge.Metering;

/// <summary>Handles JSON strings: selects those that the meter needs and processes their text as it arrives.</summary>
internal sealed partial class ResponseScanner
{
    private void BeginString()
    {
        (_isEscaped, _afterString) = (false, State.Between);
        if (_expectsName)
        {
            (_state, _expectsName) = (State.Name, false);
            _word.Clear();
            return;
        }

        _state = StateOfString();
        _field = _state == State.Output ? _field : ResponseField.Other;
    }

    private int ReadString(ReadOnlySpan<byte> bytes)
    {
        if (_isEscaped)
        {
            return ReadEscaped(bytes[0]);
        }

        var end = bytes.IndexOfAny((byte)'"', (byte)'\\');
        if (end != 0 && _state != State.Skipped)
        {
            NoteString(end < 0 ? bytes : bytes[..end]);
        }

        if (end < 0)
        {
            return bytes.Length;
        }

        if (bytes[end] == '\\')
        {
            _isEscaped = true;
            BeginEscape();
        }
        else
        {
            if (_state != State.Skipped)
            {
                EndString();
            }

            _state = _afterString;
        }

        return end + 1;
    }

    private State StateOfString()
    {
        var place = _places.Current;
        if (place.IsOutput(_field) && !IsReasoningAgain())
        {
            WriteTo((place, _field, _choice));
            return State.Output;
        }

        if (place == JsonLocation.Root && _field is ResponseField.Type or ResponseField.Object)
        {
            _kind.Clear();
            return State.Kind;
        }

        if (place == JsonLocation.Choice && _field == ResponseField.FinishReason)
        {
            return State.Finish;
        }

        if (place.IsTier(_field))
        {
            _tier.Clear();
            return State.Tier;
        }

        if (work?.Begin(place, _field) == true)
        {
            return State.Work;
        }

        if (place.IsImage(_field))
        {
            _hasOtherMembers = true;
            _reported.AddImage();
        }

        return IsError ? State.ErrorText : State.Skipped;
    }

    private void WriteTo((JsonLocation Place, ResponseField Field, long Choice) writing)
    {
        if (writing != _writing)
        {
            _text.Separate();
            _writing = writing;
        }
    }

    // Some providers send the same reasoning text in two members. True for the second one, which must not count again.
    private bool IsReasoningAgain() =>
        _field is ResponseField.Reasoning or ResponseField.ReasoningContent && _reasoningName != ResponseField.Other && _reasoningName != _field;

    private void NoteString(ReadOnlySpan<byte> plain)
    {
        switch (_state)
        {
            case State.Name:
                _word.Append(plain);
                break;
            case State.Kind:
                _kind.Append(plain);
                break;
            case State.Finish:
                // Only a finish reason that is not empty comes here. Some providers send an empty reason in every event.
                (_isChoiceFinished, _hasOtherMembers) = (true, true);
                break;
            case State.Tier:
                _tier.Append(plain);
                break;
            case State.Work:
                work!.Append(plain);
                break;
            case State.ErrorText:
                _isError = true;
                break;
            case State.Output:
                _json.Plain(ref _text);
                _text.Append(plain);
                NoteReasoning();
                break;
        }
    }

    private void BeginEscape()
    {
        switch (_state)
        {
            case State.Output:
                _json.BeginEscape();
                NoteReasoning();
                break;
            case State.Name:
                _word.Invalidate();
                break;
            case State.Work:
                work!.Invalidate();
                break;
        }
    }

    private int ReadEscaped(byte next)
    {
        if (_state == State.Output)
        {
            _json.Escaped(next, ref _text);
            _isEscaped = _json.IsWithinEscape;
        }
        else
        {
            // Skips only the character after the backslash. The digits of an escape such as \u0041 are read as ordinary text. A string that is not output is
            // only compared with known words, and no provider escapes those.
            _isEscaped = false;
        }

        return 1;
    }

    private void EndString()
    {
        switch (_state)
        {
            case State.Output:
                _json.Plain(ref _text);
                break;
            case State.Name:
                _field = ResponseFields.Identify(_word.Span);
                break;
            case State.Work:
                work!.End();
                break;
            case State.Tier:
                HasTier = !ServiceTiers.IsUndecided(_tier.Span);
                break;
        }
    }

    private void NoteReasoning() => _reasoningName = _field is ResponseField.Reasoning or ResponseField.ReasoningContent ? _field : _reasoningName;
}
