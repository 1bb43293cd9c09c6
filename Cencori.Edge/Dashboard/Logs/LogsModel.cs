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

    /// <summary>Number of requests over the period, as bars; null: no sums exist for these filters, or the database was busy.</summary>
    public IReadOnlyList<LogBar>? Bars { get; init; }

    /// <summary>Number of matching requests; null: the database was too busy.</summary>
    public required LogCount? Count { get; init; }

    public required KeyNames Keys { get; init; }

    /// <summary>The providers that the filter offers.</summary>
    public required IReadOnlyList<string> Providers { get; init; }

    /// <summary>An id that was searched for and not found; null: none.</summary>
    public LogMissing? Missing { get; init; }

    /// <summary>When no request was found: those filters of which each, if removed alone, would give results.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Excluding { get; init; } = [];

    /// <summary>True: no request was found, but the filters match requests before this period.</summary>
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
/// <param name="SearchedBackTo">How far back the search went; null: it searched all records.</param>
/// <param name="Older">The position where the search can continue; null: the search is complete.</param>
public sealed record LogMissing(string Id, DateTimeOffset? SearchedBackTo, LogCursor? Older);

/// <summary>Names of keys by id.</summary>
public sealed class KeyNames(IEnumerable<ApiKeyView> keys)
{
    private readonly Dictionary<string, string> _names = keys.ToDictionary(key => key.Id, key => key.Name);

    public IEnumerable<KeyValuePair<string, string>> All => _names.OrderBy(name => name.Value, StringComparer.OrdinalIgnoreCase);

    public bool Has(string id) => _names.ContainsKey(id);

    /// <summary>The name of a key by its id. For the edge's own requests: their kind. For a deleted key: the id itself.</summary>
    public string Of(string id) => _names.GetValueOrDefault(id) ?? OwnKeys.NameOf(id) ?? id;
}

/// <summary>Rows that arrived since the last request of the script follow.js.</summary>
/// <param name="Arrivals">The rows.</param>
/// <param name="Keys">The key names that the rows show.</param>
/// <param name="Address">The list's URL.</param>
public sealed record FollowModel(LogArrivals Arrivals, KeyNames Keys, LogAddress Address);

/// <summary>Rows of the list.</summary>
/// <param name="Records">In display order.</param>
/// <param name="Keys">The key names that the rows show.</param>
/// <param name="Address">The list's URL.</param>
public sealed record LogRowsModel(IReadOnlyList<StoredRecord> Records, KeyNames Keys, LogAddress Address);
