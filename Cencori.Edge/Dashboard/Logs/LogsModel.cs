using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Logs;
using Cencori.Edge.Dashboard.Keys;
using Cencori.Edge.Records.Sql;

namespace Cencori.Edge.Dashboard.Logs;

/// <summary>Data of the page Logs, which lists the requests of a project.</summary>
public sealed record LogsModel
{
    public required LogSearch Search { get; init; }

    public required LogPage Page { get; init; }

    /// <summary>Requests and errors in each step of the period. Null: the roll-up tables do not count by these filters, or the database was busy.</summary>
    public IReadOnlyList<LogBar>? Bars { get; init; }

    /// <summary>Number of matching requests; null: the database was too busy.</summary>
    public required LogCount? Count { get; init; }

    public required KeyNames Keys { get; init; }

    /// <summary>Ids of the providers that the user can choose as a filter.</summary>
    public required IReadOnlyList<string> Providers { get; init; }

    /// <summary>The request id that was searched for and not found. Null: no id was searched for.</summary>
    public LogMissing? Missing { get; init; }

    /// <summary>If no request was found: filters that the user can remove. Without any one of them, the list has requests. Not every filter is tried.</summary>
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

/// <summary>A request id that was searched for and not found.</summary>
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
/// <param name="Address">The URL of the list, with its filters.</param>
public sealed record FollowModel(LogArrivals Arrivals, KeyNames Keys, LogAddress Address);

/// <summary>Data for some rows of the list of requests.</summary>
/// <param name="Records">The requests of the rows, in display order.</param>
/// <param name="Keys">The key names that the rows show.</param>
/// <param name="Address">The URL of the list, with its filters.</param>
public sealed record LogRowsModel(IReadOnlyList<StoredRecord> Records, KeyNames Keys, LogAddress Address);
