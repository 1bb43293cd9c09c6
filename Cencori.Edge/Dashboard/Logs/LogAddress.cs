namespace Cencori.Edge.Dashboard.Logs;

/// <summary>A URL of the logs: a path with the filters in force. All links on the page are made from this object, so that no link loses a filter.</summary>
/// <param name="Path">The path from the site's root.</param>
/// <param name="Query">The filters.</param>
public sealed record LogAddress(string Path, PageQuery Query)
{
    /// <summary>Replaces all values of a parameter by one. A null <paramref name="value"/> removes them.</summary>
    public LogAddress With(string name, string? value) => this with { Query = Query.Set(name, value) };

    /// <summary>Adds a filter on <c>status</c> for requests with these results.</summary>
    public LogAddress WithResults(IEnumerable<string> results) => this with { Query = Query.AddAll(LogResults.Name, results) };

    public LogAddress Without(params ReadOnlySpan<string> names)
    {
        var query = Query;
        foreach (var name in names)
        {
            query = query.Set(name, null);
        }

        return this with { Query = query };
    }

    /// <summary>Removes one value of a parameter; other values of the same parameter stay.</summary>
    public LogAddress Without(KeyValuePair<string, string> one) => this with { Query = Query.Remove(one.Key, one.Value) };

    /// <summary>The same filters on another page.</summary>
    public LogAddress At(string path) => this with { Path = path };

    /// <summary>The URL of the page of one request. It contains the filters, so that the links to other requests stay within the filtered list.</summary>
    /// <param name="project">The project's path.</param>
    /// <param name="requestId">The request's id, which its caller may have chosen.</param>
    public LogAddress Of(string project, string requestId) =>
        RequestPath.Of(project, requestId) is { } path ? At(path) : At(project + "/logs").With("q", requestId);

    public override string ToString() => Path + Query;
}
