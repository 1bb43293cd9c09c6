using System.Text;

namespace Cencori.Edge.Screening.Guardrails;

/// <summary>The texts of a stream, for guardrails that only count: they are asked when the caller has all of it.</summary>
internal sealed class GatheredTexts
{
    private readonly Dictionary<ulong, StringBuilder> _pieces = [];
    private readonly HashSet<string> _wholes = new(StringComparer.Ordinal);
    private int _bytes;

    /// <summary>There are more than anybody is asked about, and none are kept.</summary>
    public bool IsTooMuch { get; private set; }

    /// <summary>Each once.</summary>
    public List<string> Texts() => [.. _pieces.Values.Select(static text => text.ToString()).Concat(_wholes).Where(static text => !string.IsNullOrWhiteSpace(text)).Distinct(StringComparer.Ordinal)];

    /// <param name="channel">Of which text it is a part.</param>
    /// <param name="piece">The next part.</param>
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
        IsTooMuch |= _bytes > GuardedTexts.MaxBytes || _pieces.Count + _wholes.Count > GuardedTexts.Most;
        if (IsTooMuch)
        {
            _pieces.Clear();
            _wholes.Clear();
        }

        return !IsTooMuch;
    }
}
