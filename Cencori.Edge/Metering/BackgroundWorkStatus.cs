using System.Text;

namespace Cencori.Edge.Metering;

/// <summary>
/// Reads the id, model and status of background work, such as a batch, from a response. Values of an incomplete JSON
/// document are dropped.
/// </summary>
/// <param name="isIdAll">True: reads only the id, because the response is about an object that is not work, such as a file.</param>
internal sealed class BackgroundWorkStatus(bool isIdAll)
{
    private const int MaxLength = 256;

    // Statuses of work that has ended. Any other status means that the work continues.
    private static readonly string[] Ends = ["completed", "succeeded", "failed", "cancelled", "canceled", "incomplete", "expired"];

    private readonly StringBuilder _text = new();
    private ResponseField _field;
    private bool _isInvalid;
    private string? _id;
    private string? _model;
    private string? _status;

    /// <summary>Id of the work. Null when the response has no id, or an id that is too long or contains escapes.</summary>
    public string? Id { get; private set; }

    /// <summary>Model that does the work. Null when the response names none, or when the work trains a model: the price of using the model does not
    /// apply then.</summary>
    public string? Model { get; private set; }

    /// <summary>True when the work trains a model. Training has a different price than use.</summary>
    public bool IsTraining { get; set; }

    /// <summary>Status of the work. Null when the response has none.</summary>
    public string? Status { get; private set; }

    /// <summary>True when the work has ended, successfully or not.</summary>
    public bool IsOver => Array.IndexOf(Ends, Status) >= 0;

    /// <summary>Call at the start of a string. True: the string at this location is id, model or status. Pass its text to <see cref="Append"/>.</summary>
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

    /// <summary>Ignores the current string. Call it when the string contains an escape: no provider escapes these values.</summary>
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

    /// <summary>Ends a document, complete or not. Values of an incomplete document are dropped. Can be called repeatedly.</summary>
    public void EndDocument(bool isComplete)
    {
        if (isComplete)
        {
            (Id, Model, Status) = (_id ?? Id, IsTraining ? null : _model ?? Model, _status ?? Status);
        }

        (_id, _model, _status) = (null, null, null);
    }
}
