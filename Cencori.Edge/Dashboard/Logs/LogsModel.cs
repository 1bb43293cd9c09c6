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

    /// <summary>Bars over the period; null: no sums exist for these filters.</summary>
    public IReadOnlyList<LogBar>? Bars { get; init; }

    /// <summary>Number of matching requests; null: the database was too busy.</summary>
    public required LogCount? Count { get; init; }

    public required KeyNames Keys { get; init; }

    /// <summary>Providers to choose from.</summary>
    public required IReadOnlyList<string> Providers { get; init; }

    /// <summary>An id that was searched for and not found; null: none.</summary>
    public LogMissing? Missing { get; init; }

    /// <summary>When nothing was found: filters whose removal would give results.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Excluding { get; init; } = [];

    /// <summary>When nothing was found: there are requests before this period.</summary>
    public bool HasOlder { get; init; }

    /// <summary>True: the database was too busy to find out why nothing was found.</summary>
    public bool IsUnexplained { get; init; }

    /// <summary>True: new rows are added at the top as they arrive.</summary>
    public bool Follows { get; init; }

    /// <summary>The position of live updates when the page was created; see <see cref="LogArrivals"/>.</summary>
    public string? After { get; init; }
}

/// <summary>An id that was not found.</summary>
/// <param name="Id">The id in the URL.</param>
/// <param name="SearchedBackTo">Null: everything that is kept was searched.</param>
/// <param name="Older">Where the search can continue; null: it is complete.</param>
public sealed record LogMissing(string Id, DateTimeOffset? SearchedBackTo, LogCursor? Older);

/// <summary>Names of keys by id.</summary>
public sealed class KeyNames(IEnumerable<ApiKeyView> keys)
{
    private readonly Dictionary<string, string> _names = keys.ToDictionary(key => key.Id, key => key.Name);

    public IEnumerable<KeyValuePair<string, string>> All => _names.OrderBy(name => name.Value, StringComparer.OrdinalIgnoreCase);

    public bool Has(string id) => _names.ContainsKey(id);

    /// <summary>The key's name; for the edge's own requests their kind; for a deleted key its id.</summary>
    public string Of(string id) => _names.GetValueOrDefault(id) ?? OwnKeys.NameOf(id) ?? id;
}

/// <summary>Rows that arrived since the script's last request.</summary>
/// <param name="Arrivals">The rows.</param>
/// <param name="Keys">Names for them.</param>
/// <param name="Address">The list's URL.</param>
public sealed record FollowModel(LogArrivals Arrivals, KeyNames Keys, LogAddress Address);

/// <summary>Rows of the list.</summary>
/// <param name="Records">In display order.</param>
/// <param name="Keys">Names for them.</param>
/// <param name="Address">The list's URL.</param>
public sealed record LogRowsModel(IReadOnlyList<StoredRecord> Records, KeyNames Keys, LogAddress Address);
