using Microsoft.AspNetCore.Http.Extensions;

namespace Cencori.Edge.Dashboard;

/// <summary>The query parameters of a page's URL, to make links with changed parameters. Immutable.</summary>
public sealed class PageQuery
{
    private readonly IReadOnlyList<KeyValuePair<string, string>> _values;

    public PageQuery(params IEnumerable<KeyValuePair<string, string>> values) => _values = [.. values];

    public IReadOnlyList<KeyValuePair<string, string>> Values => _values;

    /// <summary>Replaces all values of a parameter by one. A null <paramref name="value"/> removes them.</summary>
    public PageQuery Set(string name, string? value)
    {
        var others = _values.Where(pair => pair.Key != name);
        return new(value is null ? others : others.Append(new(name, value)));
    }

    /// <summary>Adds a value of a parameter, unless it is there already.</summary>
    public PageQuery Add(string name, string value) => _values.Contains(new(name, value)) ? this : new(_values.Append(new(name, value)));

    /// <summary>Adds several values of a parameter.</summary>
    public PageQuery AddAll(string name, IEnumerable<string> values) => values.Aggregate(this, (query, value) => query.Add(name, value));

    /// <summary>Removes one value of a parameter; its other values stay.</summary>
    public PageQuery Remove(string name, string value) => new(_values.Where(pair => pair.Key != name || pair.Value != value));

    /// <summary>The query string with its question mark; empty when there are no values.</summary>
    public override string ToString() => new QueryBuilder(_values).ToQueryString().Value ?? "";
}
