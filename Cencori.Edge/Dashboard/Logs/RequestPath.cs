using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.Dashboard.Logs;

/// <summary>Writes and reads request ids in URLs. A caller may choose an id with slashes, number signs and percent signs.</summary>
public static class RequestPath
{
    private const string Segment = "logs/";

    /// <param name="project">The project's path.</param>
    /// <param name="requestId">The id.</param>
    /// <returns>The path of the request's page. Null: the id is empty or "." or "..", which browsers remove from a path. Users can find such a request only by a search.</returns>
    public static string? Of(string project, string requestId) => requestId is "." or ".." or "" ? null : $"{project}/{Segment}{Uri.EscapeDataString(requestId)}";

    /// <summary>Reads the id from the raw path and decodes it once. The server does not decode %2F, so its route value is the same for %2F and %252F.</summary>
    /// <returns>Empty: the path has no id. See <see cref="Of"/>.</returns>
    public static string Read(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = target.Split('?', '#')[0];
        var project = path.IndexOf("/p/", StringComparison.OrdinalIgnoreCase) + "/p/".Length;
        var section = path.IndexOf('/', project) + 1;
        return section + Segment.Length < path.Length ? Uri.UnescapeDataString(path[(section + Segment.Length)..]) : "";
    }
}
