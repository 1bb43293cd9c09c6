using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Keys;
using Cencori.Edge.Settings;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Keys;

/// <summary>The filter in the URL of a list of keys.</summary>
public sealed record KeyFilter
{
    public const string Due = "due";
    public const string Unused = "unused";

    /// <summary>Values of the parameter <c>state</c>, with their labels on the page.</summary>
    public static readonly IReadOnlyList<(string Value, string Label)> States =
    [
        ("active", "active"), ("rotating", "being rotated"), ("expired", "expired"), ("revoked", "revoked"), (Due, "90 days old or more"), (Unused, "unused for 30 days"),
    ];

    public string? State { get; init; }

    public KeyEnvironment? Environment { get; init; }

    public KeyType? Type { get; init; }

    /// <summary>The search text: part of a key's name, case-insensitive; or the start or end of a key. Null: no search.</summary>
    public string? Name { get; init; }

    /// <summary>Number of the shown page; the first is 1.</summary>
    public int Page { get; init; } = 1;

    /// <summary>Parameters of the URL that could not be parsed.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    public bool IsEmpty => State is null && Environment is null && Type is null && Name is null;

    public static KeyFilter Read(IQueryCollection query)
    {
        var ignored = new List<string>();
        var state = States.Select(one => one.Value).FirstOrDefault(value => value == Text("state"));
        var environment = SnakeCaseEnums.Find<KeyEnvironment>(Text("env"));
        var type = SnakeCaseEnums.Find<KeyType>(Text("type"));
        var name = Text("q");
        if (name is not null && ProjectKey.IsWithin(name))
        {
            ignored.Add("q, which contains a whole key: never put a key into an address");
            name = null;
        }

        var hasPage = int.TryParse(Text("page"), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var page) && page > 0;
        foreach (var (field, isRead) in new[] { ("state", state is not null), ("env", environment is not null), ("type", type is not null), ("page", hasPage) })
        {
            if (Text(field) is { } text && !isRead)
            {
                ignored.Add($"{field}={SafeText.Of(text)}");
            }
        }

        return new() { State = state, Environment = environment, Type = type, Name = name, Page = hasPage ? page : 1, Ignored = ignored };

        string? Text(string name) => query[name].ToString().Trim() is { Length: > 0 } text ? text : null;
    }

    public bool Matches(KeyRow row) =>
        (State is null || (State == Due ? row.IsDue : State == Unused ? row.IsUnused : string.Equals(row.State.ToString(), State, StringComparison.OrdinalIgnoreCase)))
        && (Environment is null || row.Key.Environment == Environment)
        && (Type is null || row.Key.KeyType == Type)
        && (Name is null || row.Key.Name.Contains(Name, StringComparison.OrdinalIgnoreCase) || row.Key.KeyPrefix.StartsWith(Name, StringComparison.Ordinal) || row.Key.LastFour == Name || row.Key.Id == Name);

    /// <summary>The query string of this filter, with its question mark; empty: no filter is set.</summary>
    public string Query
    {
        get
        {
            (string Name, string? Value)[] all =
            [
                ("state", State), ("env", Environment?.ToString().ToLowerInvariant()), ("type", Type?.ToString().ToLowerInvariant()), ("q", Name),
                ("page", Page > 1 ? Page.ToString(System.Globalization.CultureInfo.InvariantCulture) : null),
            ];
            var query = string.Join('&', all.Where(one => one.Value is not null).Select(one => $"{one.Name}={Uri.EscapeDataString(one.Value!)}"));
            return query.Length == 0 ? "" : "?" + query;
        }
    }
}
