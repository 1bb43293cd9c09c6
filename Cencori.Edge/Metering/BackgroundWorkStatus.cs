using System.Text;

namespace Cencori.Edge.Metering;

/// <summary>
/// The facts that a response states about background work: its id, its model and its status. Only complete documents
/// count.
/// </summary>
/// <param name="isIdAll">True: notes only the id. The status then belongs to something that is not work, such as a file.</param>
internal sealed class BackgroundWorkStatus(bool isIdAll)
{
    private const int MaxLength = 256;

    // Any other status means that the work continues.
    private static readonly string[] Ends = ["completed", "succeeded", "failed", "cancelled", "canceled", "incomplete", "expired"];

    private readonly StringBuilder _text = new();
    private ResponseField _field;
    private bool _isInvalid;
    private string? _id;
    private string? _model;
    private string? _status;

    /// <summary>Null when there is no usable id.</summary>
    public string? Id { get; private set; }

    /// <summary>Null when not stated, or when the charge is not for using the model.</summary>
    public string? Model { get; private set; }

    /// <summary>True when the work trains a model. Training has a different price than use.</summary>
    public bool IsTraining { get; set; }

    /// <summary>Null when no status was stated.</summary>
    public string? Status { get; private set; }

    /// <summary>True when the work has ended, successfully or not.</summary>
    public bool IsOver => Array.IndexOf(Ends, Status) >= 0;

    /// <summary>True when a string at this location is noted.</summary>
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

    /// <summary>Call when the string contains an escape: no provider escapes these values.</summary>
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

    /// <summary>Ends a document, complete or not. Can be called repeatedly.</summary>
    public void EndDocument(bool isWhole)
    {
        if (isWhole)
        {
            (Id, Model, Status) = (_id ?? Id, IsTraining ? null : _model ?? Model, _status ?? Status);
        }

        (_id, _model, _status) = (null, null, null);
    }
}
