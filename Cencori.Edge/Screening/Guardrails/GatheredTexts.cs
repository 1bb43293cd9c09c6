using System.Text;

namespace Cencori.Edge.Screening.Guardrails;

/// <summary>Collects the texts of a stream for guardrails that only monitor. These guardrails are asked after the caller has received the whole
/// stream.</summary>
internal sealed class GatheredTexts
{
    private readonly Dictionary<ulong, StringBuilder> _pieces = [];
    private readonly HashSet<string> _wholes = new(StringComparer.Ordinal);
    private int _bytes;

    /// <summary>True when the stream has more text than the edge sends to a guardrail. The collected text is then discarded.</summary>
    public bool IsTooMuch { get; private set; }

    /// <summary>The collected texts, each once.</summary>
    public List<string> Texts() => [.. _pieces.Values.Select(static text => text.ToString()).Concat(_wholes).Where(static text => !string.IsNullOrWhiteSpace(text)).Distinct(StringComparer.Ordinal)];

    /// <param name="channel">The text that the piece belongs to.</param>
    /// <param name="piece">The next piece.</param>
    public void Add(ulong channel, ReadOnlySpan<char> piece)
    {
        if (HasRoom(piece))
        {
            (_pieces.TryGetValue(channel, out var text) ? text : _pieces[channel] = new()).Append(piece);
        }
    }

    public void Add(ReadOnlySpan<char> whole)
    {
        if (HasRoom(whole))
        {
            _wholes.Add(whole.ToString());
        }
    }

    private bool HasRoom(ReadOnlySpan<char> text)
    {
        _bytes += IsTooMuch ? 0 : Encoding.UTF8.GetByteCount(text);
        IsTooMuch |= _bytes > GuardedTexts.MaxBytes || _pieces.Count + _wholes.Count > GuardedTexts.Max;
        if (IsTooMuch)
        {
            _pieces.Clear();
            _wholes.Clear();
        }

        return !IsTooMuch;
    }
}
