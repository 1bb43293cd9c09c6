using System.Text;

namespace Cencori.Edge.Metering;

/// <summary>What an answer says of work that may go on behind it: under which id, by which model, and how it stands.</summary>
internal sealed class WorkNotes
{
    private const int MaxLength = 256;

    // What is none of these goes on.
    private static readonly string[] Ends = ["completed", "succeeded", "failed", "cancelled", "canceled", "incomplete", "expired"];

    private readonly StringBuilder _id = new();
    private readonly StringBuilder _model = new();
    private readonly StringBuilder _status = new();
    private StringBuilder? _open;

    /// <summary>Null: there is none that could be kept.</summary>
    public string? Id => Text(_id);

    /// <summary>Null: it is not told, or what is paid for is not its use.</summary>
    public string? Model => IsTraining ? null : Text(_model);

    /// <summary>It trains a model, which has another price than using one.</summary>
    public bool IsTraining { get; set; }

    /// <summary>It is over, in one way or another.</summary>
    public bool IsOver => Array.IndexOf(Ends, Text(_status)) >= 0;

    /// <summary>True where a string at this place is to be noted.</summary>
    public bool Begin(AnswerPlace place, AnswerField field)
    {
        _open = place is not (AnswerPlace.Root or AnswerPlace.Wrapped) ? null : field switch
        {
            AnswerField.Id => _id,
            AnswerField.Model => _model,
            AnswerField.Status => _status,
            _ => null,
        };
        _open?.Clear();
        return _open is not null;
    }

    public void Append(ReadOnlySpan<byte> plain)
    {
        if (_open!.Length <= MaxLength)
        {
            _open.Append(Encoding.UTF8.GetString(plain[..Math.Min(plain.Length, MaxLength + 1)]));
        }
    }

    private static string? Text(StringBuilder noted) => noted.Length is > 0 and <= MaxLength ? noted.ToString() : null;
}
