using System.Runtime.InteropServices;

namespace Cencori.Edge.Records.Rollups;

/// <summary>
/// This edge's own rows of the roll-ups as they stand in the database, so that each batch writes what they become and need not ask
/// what they were. Not thread-safe.
/// </summary>
internal sealed class RollupCache
{
    // Callers can name models that no provider knows; what they send must not fill the database.
    private const int MaxModels = 500;

    // A request that ran long counts in the hour in which it began.
    private const int HoursKept = 2;

    private readonly Dictionary<RollupKey, UsageSums> _rows = [];
    private readonly Dictionary<(long Hour, string ProjectId), int> _models = [];

    private long _changes;

    // A writer that is new has nothing in the database that would have to be read first.
    private long _knownFrom = long.MinValue;

    /// <summary>False: rows of this hour may be in the database that are not here; all from then on have to be read again.</summary>
    public bool Knows(long hour) => hour >= _knownFrom;

    /// <summary>After a write of which nobody can tell whether it happened.</summary>
    public void Forget() => Reset(long.MaxValue);

    /// <summary>To be followed by <see cref="Load"/> with every row of this hour and later.</summary>
    public void Reset(long knownFrom)
    {
        _rows.Clear();
        _models.Clear();
        _knownFrom = knownFrom;
    }

    public void Load(RollupKey key, UsageSums sums) => Row(key) = sums;

    /// <summary>Counts the records in, and gives the rows that changed.</summary>
    public List<KeyValuePair<RollupKey, UsageSums>> Add(ReadOnlySpan<PendingRecord> records)
    {
        // A key is three texts; it is looked up once for each record.
        _changes++;
        var changed = new List<KeyValuePair<RollupKey, UsageSums>>();
        foreach (var pending in records)
        {
            var key = RollupKey.Of(pending.Record);
            if (!_rows.TryGetValue(key, out var sums))
            {
                if (_models.GetValueOrDefault((key.Hour, key.ProjectId)) >= MaxModels)
                {
                    key = key with { Model = RollupKey.OtherModels };
                }

                sums = Row(key) ??= new UsageSums();
            }

            sums.Add(pending.Record);
            if (sums.Change != _changes)
            {
                sums.Change = _changes;
                changed.Add(new(key, sums));
            }
        }

        return changed;
    }

    /// <summary>Lets go of hours in which hardly anything will be counted any more.</summary>
    public void Trim()
    {
        var oldest = _rows.Keys.Select(key => key.Hour).DefaultIfEmpty().Max() - HoursKept;
        if (_rows.Keys.Any(key => key.Hour < oldest))
        {
            Release(oldest);
        }
    }

    /// <summary>Lets go of all hours before this one.</summary>
    public void Release(long oldest)
    {
        if (oldest <= _knownFrom)
        {
            return;
        }

        foreach (var key in _rows.Keys.Where(key => key.Hour < oldest).ToList())
        {
            _rows.Remove(key);
            _models.Remove((key.Hour, key.ProjectId));
        }

        _knownFrom = oldest;
    }

    private ref UsageSums? Row(RollupKey key)
    {
        ref var row = ref CollectionsMarshal.GetValueRefOrAddDefault(_rows, key, out var exists);
        if (!exists)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_models, (key.Hour, key.ProjectId), out _)++;
        }

        return ref row;
    }
}
