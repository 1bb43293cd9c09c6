using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Logs;
using Cencori.Edge.Dashboard.Keys;
using Cencori.Edge.Records.Sql;

namespace Cencori.Edge.Dashboard.Logs;

/// <summary>The list of requests.</summary>
public sealed record LogsModel
{
    public required LogSearch Search { get; init; }

    public required LogPage Page { get; init; }

    /// <summary>Over the period; null: these filters are in no sums.</summary>
    public IReadOnlyList<LogBar>? Bars { get; init; }

    /// <summary>How many there are; null: the database was too busy to tell.</summary>
    public required LogCount? Count { get; init; }

    public required KeyNames Keys { get; init; }

    /// <summary>To choose from.</summary>
    public required IReadOnlyList<string> Providers { get; init; }

    /// <summary>What was looked for by its id, and is not there; null: nothing was.</summary>
    public LogMissing? Missing { get; init; }

    /// <summary>Where nothing was found: filters without which there would be something.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Excluding { get; init; } = [];

    /// <summary>Where nothing was found: before this period there is something.</summary>
    public bool HasOlder { get; init; }

    /// <summary>The database was too busy to tell whether there is something.</summary>
    public bool IsUnexplained { get; init; }

    /// <summary>New rows are put on top as they arrive.</summary>
    public bool Follows { get; init; }

    /// <summary>What had arrived when the page was made; see <see cref="LogArrivals"/>.</summary>
    public string? After { get; init; }
}

/// <summary>An id of which nothing was found.</summary>
/// <param name="Id">As it was asked for.</param>
/// <param name="SearchedBackTo">Null: as far as anything is kept.</param>
/// <param name="Older">Where the search goes on; null: nowhere.</param>
public sealed record LogMissing(string Id, DateTimeOffset? SearchedBackTo, LogCursor? Older);

/// <summary>Names of keys by their ids.</summary>
public sealed class KeyNames(IEnumerable<ApiKeyView> keys)
{
    private readonly Dictionary<string, string> _names = keys.ToDictionary(key => key.Id, key => key.Name);

    public IEnumerable<KeyValuePair<string, string>> All => _names.OrderBy(name => name.Value, StringComparer.OrdinalIgnoreCase);

    public bool Has(string id) => _names.ContainsKey(id);

    /// <summary>The name; of what the edge sends itself, what that is; of a key that is gone its id.</summary>
    public string Of(string id) => _names.GetValueOrDefault(id) ?? OwnKeys.NameOf(id) ?? id;
}

/// <summary>What has arrived since a script asked last.</summary>
/// <param name="Arrivals">The rows.</param>
/// <param name="Keys">Names for them.</param>
/// <param name="Address">The list's.</param>
public sealed record FollowModel(LogArrivals Arrivals, KeyNames Keys, LogAddress Address);

/// <summary>Rows of the list.</summary>
/// <param name="Records">In the order in which they are shown.</param>
/// <param name="Keys">Names for them.</param>
/// <param name="Address">The list's.</param>
public sealed record LogRowsModel(IReadOnlyList<StoredRecord> Records, KeyNames Keys, LogAddress Address);
