namespace Cencori.Edge.Bodies;

/// <summary>What has to change in a JSON body whichever provider it goes to. The body itself stays as it came.</summary>
internal sealed class JsonEdits
{
    private readonly List<Splice> _splices = [];
    private readonly List<byte[]> _inserted = [];
    private List<ByteRange>? _removed;
    private ByteRange[] _cuts = [];

    /// <summary>A property is taken out, and with it one comma.</summary>
    public bool HasRemoved => _removed is not null;

    /// <param name="range">No two of them overlap.</param>
    /// <param name="bytes">What stands there instead.</param>
    public void Replace(ByteRange range, ReadOnlyMemory<byte> bytes) => _splices.Add(new(range, bytes));

    /// <summary>A property in front of all others.</summary>
    /// <param name="property">Name, colon and value as JSON, no comma.</param>
    public void Insert(byte[] property) => _inserted.Add(property);

    /// <summary>Takes a property out, together with one comma.</summary>
    /// <param name="field">Taken out once.</param>
    /// <param name="body">The same for all of them.</param>
    public void Remove(in NotedField field, ReadOnlySpan<byte> body)
    {
        _removed ??= [];
        _removed.Add(new(field.Name.Start, field.Value.End - field.Name.Start));
        _removed.Sort(static (one, other) => one.Start.CompareTo(other.Start));

        // Two that stand side by side might want the same comma: they go as one.
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

    /// <summary>What stands there is changed as a part of something larger, so that a change of its own would be lost.</summary>
    public bool Covers(int place) => _splices.Exists(splice => splice.Range.Start <= place && splice.Range.End > place);

    /// <summary>A property together with one comma, so that what is left is an object still.</summary>
    public static ByteRange WithComma(int start, int end, ReadOnlySpan<byte> body)
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

    /// <summary>These changes and those of an attempt, sorted.</summary>
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

        // What is inserted at one place comes before what is changed there.
        return [.. all.OrderBy(splice => splice.Range.Start).ThenBy(splice => splice.Range.Length)];
    }

    /// <summary>Without changes of what another one takes out or replaces.</summary>
    /// <param name="splices">Sorted.</param>
    public static Splice[] Outermost(Splice[] splices)
    {
        var (end, isSound) = (0, true);
        foreach (var splice in splices)
        {
            isSound &= splice.Range.Start >= end;
            end = Math.Max(end, splice.Range.End);
        }

        if (isSound)
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
