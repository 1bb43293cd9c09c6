using System.Runtime.InteropServices;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Records.Rollups;

/// <summary>
/// Caches this edge's own rows of a roll-up table, so that a batch can write new sums without reading the old ones. Not thread-safe.
/// </summary>
/// <param name="kept">Number of periods that stay in the cache besides the newest one, because a long request is added to the period in which it began.</param>
/// <param name="maxNames">Maximum number of rows per project and period. Callers can invent model names, and must not fill the database with them.</param>
/// <param name="keys">Compute the keys of the rows to which a record is added.</param>
internal sealed class RollupCache(int kept, int maxNames, params Func<RequestRecord, RollupKey>[] keys)
{
    private readonly Dictionary<RollupKey, UsageSums> _rows = [];
    private readonly Dictionary<(long Period, string ProjectId), int> _names = [];

    private long _changes;
    private long _newest = long.MinValue;
    private long _trimmed = long.MinValue;

    // All rows from this period on are cached. Initially all periods: a new writer has no rows in the database.
    private long _knownFrom = long.MinValue;

    /// <summary>False: the database may have rows of this period that are not cached. All rows of this and later periods must then be loaded.</summary>
    public bool IsCached(long period) => period >= _knownFrom;

    /// <summary>Empties the cache. Call after a write whose outcome is unknown.</summary>
    public void Forget() => Reset(long.MaxValue);

    /// <summary>Empties the cache. The caller must then call <see cref="Load"/> for every row of this period and later ones.</summary>
    public void Reset(long knownFrom)
    {
        _rows.Clear();
        _names.Clear();
        (_newest, _trimmed) = (long.MinValue, long.MinValue);
        _knownFrom = knownFrom;
    }

    public void Load(RollupKey key, UsageSums sums) => Row(key) = sums;

    /// <summary>The earliest period to which one of the records is added.</summary>
    public long Oldest(ReadOnlySpan<PendingRecord> records)
    {
        var oldest = long.MaxValue;
        foreach (var pending in records)
        {
            oldest = Math.Min(oldest, keys[0](pending.Record).Period);
        }

        return oldest;
    }

    /// <summary>Adds the records and returns the rows that changed.</summary>
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

    /// <summary>Removes from the cache the rows of old periods, because hardly any more records will be added to these periods.</summary>
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

    /// <summary>Removes from the cache all rows of periods before <paramref name="oldest"/>.</summary>
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

    // Each record looks up its key only once, because hashing a key reads three texts.
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
