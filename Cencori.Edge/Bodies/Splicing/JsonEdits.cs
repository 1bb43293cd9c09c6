using Cencori.Edge.Bodies.Scanning;

namespace Cencori.Edge.Bodies.Splicing;

/// <summary>Collects changes to a JSON body. Every provider receives these changes. The body itself is not modified.</summary>
internal sealed class JsonEdits
{
    private readonly List<Splice> _splices = [];
    private readonly List<byte[]> _inserted = [];
    private List<ByteRange>? _removed;
    private ByteRange[] _cuts = [];

    /// <param name="range">Ranges must not overlap.</param>
    /// <param name="bytes">The replacement.</param>
    public void Replace(ByteRange range, ReadOnlyMemory<byte> bytes) => _splices.Add(new(range, bytes));

    /// <summary>Inserts a property before all others.</summary>
    /// <param name="property">Name, colon and value as JSON, without a comma.</param>
    public void Insert(byte[] property) => _inserted.Add(property);

    /// <summary>Removes a property together with one comma.</summary>
    /// <param name="field">The property. The caller removes each property only once.</param>
    /// <param name="body">The original body, the same in every call.</param>
    public void Remove(in NotedField field, ReadOnlySpan<byte> body) => Remove(new ByteRange(field.Name.Start, field.Value.End - field.Name.Start), body);

    /// <summary>A copy of these changes, for one attempt, that removes another property too.</summary>
    /// <param name="property">The property, name and value.</param>
    /// <param name="body">The original body, the same in every call.</param>
    public JsonEdits Without(ByteRange property, ReadOnlySpan<byte> body)
    {
        var copy = new JsonEdits();
        copy._splices.AddRange(_splices);
        copy._inserted.AddRange(_inserted);
        copy._removed = _removed is null ? null : [.. _removed];
        copy.Remove(property, body);
        return copy;
    }

    /// <summary>True when a collected change already covers this offset. A separate change there would be lost.</summary>
    public bool Covers(int place) => _splices.Exists(splice => splice.Range.Start <= place && splice.Range.End > place);

    /// <summary>Merges these changes with those of one attempt, sorted by position.</summary>
    public Splice[] With(in RequestScan scan, Splice[] attempts)
    {
        var offset = scan.InsertOffset;
        var all = new List<Splice>(_splices.Count + attempts.Length + 1);
        if (_inserted.Count > 0)
        {
            var isLast = scan.IsEmptyObject && !Array.Exists(attempts, splice => splice.Range.Start == offset && splice.Range.Length == 0);
            all.Add(new(new(offset, 0), Join(isLast)));
        }

        all.AddRange(attempts);
        all.AddRange(_splices);
        all.AddRange(_cuts.Select(static cut => new Splice(cut, default)));

        // At the same place, insertions come before replacements.
        return [.. all.OrderBy(splice => splice.Range.Start).ThenBy(splice => splice.Range.Length)];
    }

    /// <summary>Drops each change that begins inside the range of an earlier change.</summary>
    /// <param name="splices">The changes, sorted by position.</param>
    public static Splice[] Outermost(Splice[] splices)
    {
        var (end, hasNoOverlap) = (0, true);
        foreach (var splice in splices)
        {
            hasNoOverlap &= splice.Range.Start >= end;
            end = Math.Max(end, splice.Range.End);
        }

        if (hasNoOverlap)
        {
            return splices;
        }

        end = 0;
        var kept = new List<Splice>(splices.Length);
        foreach (var splice in splices)
        {
            if (splice.Range.Start >= end)
            {
                kept.Add(splice);
                end = splice.Range.End;
            }
        }

        return [.. kept];
    }

    private void Remove(ByteRange property, ReadOnlySpan<byte> body)
    {
        _removed ??= [];
        _removed.Add(property);
        _removed.Sort(static (one, other) => one.Start.CompareTo(other.Start));

        // Two adjacent properties could claim the same comma, so they are cut as one range.
        var cuts = new List<ByteRange>();
        for (var i = 0; i < _removed.Count; i++)
        {
            var (start, end) = (_removed[i].Start, _removed[i].End);
            while (i + 1 < _removed.Count && body[end.._removed[i + 1].Start].IndexOfAnyExcept(" \t\r\n,"u8) < 0)
            {
                end = _removed[++i].End;
            }

            cuts.Add(WithComma(start, end, body));
        }

        _cuts = [.. cuts];
    }

    // The range of a property together with one comma, so that the rest is still a valid object.
    private static ByteRange WithComma(int start, int end, ReadOnlySpan<byte> body)
    {
        var next = body[end..].IndexOfAnyExcept(" \t\r\n"u8);
        if (body[end + next] == ',')
        {
            end += next + 1;
        }
        else
        {
            var before = body[..start].LastIndexOfAnyExcept(" \t\r\n"u8);
            start = body[before] == ',' ? before : start;
        }

        return new(start, end - start);
    }

    private byte[] Join(bool isLast)
    {
        var joined = new byte[_inserted.Sum(property => property.Length + 1) - (isLast ? 1 : 0)];
        var at = 0;
        foreach (var property in _inserted)
        {
            property.CopyTo(joined, at);
            at += property.Length;
            if (at < joined.Length)
            {
                joined[at++] = (byte)',';
            }
        }

        return joined;
    }
}
