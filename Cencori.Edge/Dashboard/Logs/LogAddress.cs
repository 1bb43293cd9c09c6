namespace Cencori.Edge.Dashboard.Logs;

/// <summary>An address of the logs: a path, and the filters that hold there. Every link of the page is made of it, so that none loses a filter.</summary>
/// <param name="Path">Of ours, from the root of the site.</param>
/// <param name="Query">The filters.</param>
public sealed record LogAddress(string Path, PageQuery Query)
{
    /// <summary>With this value in the place of all others of that name; null: with none.</summary>
    public LogAddress With(string name, string? value) => this with { Query = Query.Set(name, value) };

    /// <summary>Only of requests that ended so.</summary>
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

    /// <summary>Without one of the values of a name.</summary>
    public LogAddress Without(KeyValuePair<string, string> one) => this with { Query = Query.Remove(one.Key, one.Value) };

    /// <summary>The same filters at another page.</summary>
    public LogAddress At(string path) => this with { Path = path };

    /// <summary>The page of one request, which keeps the filters, so that its neighbours are those of the list.</summary>
    /// <param name="project">The project's path.</param>
    /// <param name="requestId">Whatever its caller has chosen.</param>
    public LogAddress Of(string project, string requestId) =>
        RequestPath.Of(project, requestId) is { } path ? At(path) : At(project + "/logs").With("q", requestId);

    public override string ToString() => Path + Query;
}
