using System.Runtime.InteropServices;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Records.Rollups;

/// <summary>
/// This edge's own rows of a roll-up as they stand in the database, so that each batch writes what they become and need not ask
/// what they were. Not thread-safe.
/// </summary>
/// <param name="kept">Periods before the newest that are remembered: a request that ran long counts in the one in which it began.</param>
/// <param name="maxNames">Rows that a project may have in a period. Callers can name models that no provider knows; what they send must not fill the database.</param>
/// <param name="keys">The rows of a record.</param>
internal sealed class RollupCache(int kept, int maxNames, params Func<RequestRecord, RollupKey>[] keys)
{
    private readonly Dictionary<RollupKey, UsageSums> _rows = [];
    private readonly Dictionary<(long Period, string ProjectId), int> _names = [];

    private long _changes;
    private long _newest = long.MinValue;
    private long _trimmed = long.MinValue;

    // A writer that is new has nothing in the database that would have to be read first.
    private long _knownFrom = long.MinValue;

    /// <summary>False: rows of this period may be in the database that are not here; all from then on have to be read again.</summary>
    public bool Knows(long period) => period >= _knownFrom;

    /// <summary>After a write of which nobody can tell whether it happened.</summary>
    public void Forget() => Reset(long.MaxValue);

    /// <summary>To be followed by <see cref="Load"/> with every row of this period and later.</summary>
    public void Reset(long knownFrom)
    {
        _rows.Clear();
        _names.Clear();
        (_newest, _trimmed) = (long.MinValue, long.MinValue);
        _knownFrom = knownFrom;
    }

    public void Load(RollupKey key, UsageSums sums) => Row(key) = sums;

    /// <summary>The earliest period that any of the records counts in.</summary>
    public long Oldest(ReadOnlySpan<PendingRecord> records)
    {
        var oldest = long.MaxValue;
        foreach (var pending in records)
        {
            oldest = Math.Min(oldest, keys[0](pending.Record).Period);
        }

        return oldest;
    }

    /// <summary>Counts the records in, and gives the rows that changed.</summary>
    public List<KeyValuePair<RollupKey, UsageSums>> Add(ReadOnlySpan<PendingRecord> records)
    {
        _changes++;
        var changed = new List<KeyValuePair<RollupKey, UsageSums>>();
        foreach (var keyOf in keys)
        {
            foreach (var pending in records)
            {
                Add(keyOf(pending.Record), pending.Record, changed);
            }
        }

        return changed;
    }

    /// <summary>Lets go of periods in which hardly anything will be counted any more.</summary>
    public void Trim()
    {
        if (_newest == _trimmed)
        {
            return;
        }

        _trimmed = _newest;
        var oldest = _newest - kept;
        if (_rows.Keys.Any(key => key.Period < oldest))
        {
            Release(oldest);
        }
    }

    /// <summary>Lets go of all periods before this one.</summary>
    public void Release(long oldest)
    {
        if (oldest <= _knownFrom)
        {
            return;
        }

        foreach (var key in _rows.Keys.Where(key => key.Period < oldest).ToList())
        {
            _rows.Remove(key);
            _names.Remove((key.Period, key.ProjectId));
        }

        _knownFrom = oldest;
    }

    // A key is three texts; it is looked up once for each record.
    private void Add(RollupKey key, RequestRecord record, List<KeyValuePair<RollupKey, UsageSums>> changed)
    {
        if (!_rows.TryGetValue(key, out var sums))
        {
            if (_names.GetValueOrDefault((key.Period, key.ProjectId)) >= maxNames)
            {
                key = key with { Name = RollupKey.OtherModels };
            }

            sums = Row(key) ??= new UsageSums { Part = _changes };
        }

        sums.Add(record);
        if (sums.Change != _changes)
        {
            sums.Change = _changes;
            changed.Add(new(key, sums));
        }
    }

    private ref UsageSums? Row(RollupKey key)
    {
        ref var row = ref CollectionsMarshal.GetValueRefOrAddDefault(_rows, key, out var exists);
        if (!exists)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_names, (key.Period, key.ProjectId), out _)++;
            _newest = Math.Max(_newest, key.Period);
        }

        return ref row;
    }
}
