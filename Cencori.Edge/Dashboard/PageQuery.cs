using Microsoft.AspNetCore.Http.Extensions;

namespace Cencori.Edge.Dashboard;

/// <summary>The query of a page's address, from which the addresses of its links are made. Not changed by what is made from it.</summary>
public sealed class PageQuery
{
    private readonly IReadOnlyList<KeyValuePair<string, string>> _values;

    public PageQuery(params IEnumerable<KeyValuePair<string, string>> values) => _values = [.. values];

    public IReadOnlyList<KeyValuePair<string, string>> Values => _values;

    /// <summary>With this alone under its name; null: without any.</summary>
    public PageQuery Set(string name, string? value)
    {
        var others = _values.Where(pair => pair.Key != name);
        return new(value is null ? others : others.Append(new(name, value)));
    }

    /// <summary>With this too.</summary>
    public PageQuery Add(string name, string value) => _values.Contains(new(name, value)) ? this : new(_values.Append(new(name, value)));

    /// <summary>With each of these too.</summary>
    public PageQuery AddAll(string name, IEnumerable<string> values) => values.Aggregate(this, (query, value) => query.Add(name, value));

    /// <summary>Without just this.</summary>
    public PageQuery Remove(string name, string value) => new(_values.Where(pair => pair.Key != name || pair.Value != value));

    /// <summary>What follows a path, with its question mark; empty where there is nothing.</summary>
    public override string ToString() => new QueryBuilder(_values).ToQueryString().Value ?? "";
}
