using System.Buffers;

namespace Cencori.Edge.Metering;

/// <summary>
/// Reads JSON that arrives in pieces, which may be cut anywhere. Keeps only reported usage, errors, and the output text.
/// Apart from these, memory use does not grow with the response. Input that is not JSON is no error and yields nothing.
/// </summary>
/// <remarks>Only a few values at known locations are read. All other JSON is skipped by searching for quotes and brackets.</remarks>
internal sealed partial class ResponseScanner(BackgroundWorkStatus? work)
{
    private const long MaxTokens = 1_000_000_000_000;

    private static readonly SearchValues<byte> QuotesAndBrackets = SearchValues.Create("\"{}[]"u8);

    private State _state;
    private State _afterString;
    private LocationStack _places;
    private int _depthElsewhere;
    private ResponseField _field;
    private bool _expectsName;
    private bool _isEscaped;
    private Utf8Token _word;
    private Utf8Token _kind;
    private JsonText _json;
    private long _number;
    private bool _isNumber;
    private bool _isFraction;
    private bool _isMore;
    private bool _isOddNumber;
    private bool _isCost;
    private bool _isObject;

    private enum State : byte
    {
        Before,
        Between,
        Name,
        Kind,
        Finish,
        Tier,
        Work,
        ErrorText,
        Output,
        Skipped,
        Scalar,
        Elsewhere,
        Over,
    }

    public void Read(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[Step(bytes)..];
        }
    }

    // Processes some of the bytes. Returns their number; 0 when only the state has changed.
    private int Step(ReadOnlySpan<byte> bytes)
    {
        switch (_state)
        {
            case State.Before:
                return Begin(bytes[0]);
            case State.Between:
                return ReadStructure(bytes[0]);
            case State.Scalar:
                return ReadScalar(bytes[0]);
            case State.Elsewhere:
                return Skip(bytes);
            case State.Over:
                return bytes.Length;
            default:
                return ReadString(bytes);
        }
    }

    private int Begin(byte next)
    {
        // Skips white space and a byte order mark. A document that is not an object is ignored.
        if (next is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or 0xEF or 0xBB or 0xBF)
        {
            return 1;
        }

        _isObject = next == '{';
        _state = _isObject ? State.Between : State.Over;
        return 0;
    }

    private int ReadStructure(byte next)
    {
        switch (next)
        {
            case (byte)'"':
                BeginString();
                return 1;
            case (byte)'{' or (byte)'[':
                Open(isArray: next == '[');
                return 1;
            case (byte)'}' or (byte)']':
                Close();
                return 1;
            case (byte)',':
                (_expectsName, _field) = (!_places.IsInArray, ResponseField.Other);
                return 1;
            case (byte)':' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n':
                return 1;
            default:
                (_state, _number, _isNumber, _isFraction, _isMore, _isOddNumber) = (State.Scalar, 0, true, false, false, false);
                _isCost = _places.Current.IsCost(_field);
                _word.Clear();
                return 0;
        }
    }

    private void Open(bool isArray)
    {
        var place = _places.Below(_field, isArray);
        if (place == JsonLocation.Elsewhere)
        {
            NoteErrorObject();
            (_state, _depthElsewhere) = (State.Elsewhere, 1);
            return;
        }

        var isFirst = place == JsonLocation.Usage && _places.Current != JsonLocation.Usage;
        _places.Push(place, isArray);
        (_expectsName, _field) = (!isArray, ResponseField.Other);
        HasOutputField |= place is JsonLocation.Choice or JsonLocation.Message or JsonLocation.Parts or JsonLocation.Output or JsonLocation.Item or JsonLocation.Step;
        if (isFirst)
        {
            BeginUsage();
        }
        else if (place == JsonLocation.Choice)
        {
            BeginChoice();
        }
    }

    private void Close()
    {
        var isArray = _places.IsInArray;
        var place = _places.Pop();
        if (place == JsonLocation.Usage && _places.Current != JsonLocation.Usage)
        {
            EndUsage();
        }
        else if (place == JsonLocation.Choice && !isArray)
        {
            EndChoice();
        }

        _expectsName = false;
        _state = _places.IsEmpty ? State.Over : State.Between;
        if (_places.IsEmpty)
        {
            work?.EndDocument(isComplete: _isObject);
        }
    }

    private int Skip(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOfAny(QuotesAndBrackets);
        if (end < 0)
        {
            return bytes.Length;
        }

        if (bytes[end] == '"')
        {
            (_state, _afterString) = (State.Skipped, State.Elsewhere);
        }
        else
        {
            _depthElsewhere += bytes[end] is (byte)'{' or (byte)'[' ? 1 : -1;
            _state = _depthElsewhere == 0 ? State.Between : State.Elsewhere;
        }

        return end + 1;
    }

    private int ReadScalar(byte next)
    {
        switch (next)
        {
            case > (byte)' ' and not ((byte)',' or (byte)'}' or (byte)']' or (byte)'"' or (byte)'{' or (byte)'[') when _isCost:
                // A cost may have a fraction and an exponent. So its text is collected, and NoteCost parses it.
                _word.Append([next]);
                return 1;
            case >= (byte)'0' and <= (byte)'9':
                // Without a digit above 0 after the point, nothing is rounded up: 8.0 is 8.
                _isMore |= _isFraction && next != (byte)'0';
                _number = _isFraction ? _number : Math.Min((_number * 10) + (next - '0'), MaxTokens);
                return 1;
            case (byte)'.':
                _isFraction = true;
                return 1;
            case (byte)',' or (byte)'}' or (byte)']' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'"' or (byte)'{' or (byte)'[':
                if (_isCost)
                {
                    NoteCost();
                }
                else if (_isNumber)
                {
                    NoteNumber();
                }
                else if (_isOddNumber)
                {
                    NoteOddNumber();
                }

                _state = State.Between;
                return 0;
            default:
                // A literal such as null, a negative number, or a number with an exponent is not a token count.
                _isOddNumber |= _isNumber && next is (byte)'-' or (byte)'e' or (byte)'E';
                _isNumber = false;
                return 1;
        }
    }
}
