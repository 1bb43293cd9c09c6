using System.Text;

namespace Cencori.Edge.Metering;

/// <summary>
/// What a response says of work that may go on behind it: under which id, by which model, and how it stands. Only what a whole document has
/// said counts.
/// </summary>
/// <param name="isIdAll">Only the id is noted: the status is that of something which is no work, such as a file.</param>
internal sealed class BackgroundWorkStatus(bool isIdAll)
{
    private const int MaxLength = 256;

    // What is none of these goes on.
    private static readonly string[] Ends = ["completed", "succeeded", "failed", "cancelled", "canceled", "incomplete", "expired"];

    private readonly StringBuilder _text = new();
    private ResponseField _field;
    private bool _isInvalid;
    private string? _id;
    private string? _model;
    private string? _status;

    /// <summary>Null: there is none that could be kept.</summary>
    public string? Id { get; private set; }

    /// <summary>Null: it is not told, or what is paid for is not its use.</summary>
    public string? Model { get; private set; }

    /// <summary>It trains a model, which has another price than using one.</summary>
    public bool IsTraining { get; set; }

    /// <summary>Null: nothing was said of how it stands.</summary>
    public string? Status { get; private set; }

    /// <summary>It is over, in one way or another.</summary>
    public bool IsOver => Array.IndexOf(Ends, Status) >= 0;

    /// <summary>True where a string at this place is to be noted.</summary>
    public bool Begin(JsonLocation place, ResponseField field)
    {
        if (place is not (JsonLocation.Root or JsonLocation.Wrapped) || !(field == ResponseField.Id || (!isIdAll && field is ResponseField.Model or ResponseField.Status)))
        {
            return false;
        }

        _text.Clear();
        (_field, _isInvalid) = (field, false);
        return true;
    }

    public void Append(ReadOnlySpan<byte> plain)
    {
        if (_text.Length <= MaxLength)
        {
            _text.Append(Encoding.UTF8.GetString(plain[..Math.Min(plain.Length, MaxLength + 1)]));
        }
    }

    /// <summary>There is an escape in the string, which no provider has in one of these.</summary>
    public void Invalidate() => _isInvalid = true;

    public void End()
    {
        var text = _text.Length is > 0 and <= MaxLength && !_isInvalid && !_text.ToString().Any(char.IsControl) ? _text.ToString() : null;
        switch (_field)
        {
            case ResponseField.Id:
                _id = text;
                break;
            case ResponseField.Model:
                _model = text;
                break;
            default:
                _status = text;
                break;
        }
    }

    /// <summary>A document is over, or broken off. Once more does nothing.</summary>
    public void EndDocument(bool isWhole)
    {
        if (isWhole)
        {
            (Id, Model, Status) = (_id ?? Id, IsTraining ? null : _model ?? Model, _status ?? Status);
        }

        (_id, _model, _status) = (null, null, null);
    }
}
