using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.Dashboard.Logs;

/// <summary>Request ids in URLs. A caller may choose an id with slashes, number signs and percent signs.</summary>
public static class RequestPath
{
    private const string Segment = "logs/";

    /// <param name="project">The project's path.</param>
    /// <param name="requestId">The id.</param>
    /// <returns>Null: browsers would treat the id as a relative path or as empty; it can only be searched for.</returns>
    public static string? Of(string project, string requestId) => requestId is "." or ".." or "" ? null : $"{project}/{Segment}{Uri.EscapeDataString(requestId)}";

    /// <summary>The id from the raw path, decoded once. The server leaves escaped slashes as they are, so its route value cannot tell %2F from %252F.</summary>
    public static string Read(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = target.Split('?', '#')[0];
        var project = path.IndexOf("/p/", StringComparison.OrdinalIgnoreCase) + "/p/".Length;
        var section = path.IndexOf('/', project) + 1;
        return Uri.UnescapeDataString(path[(section + Segment.Length)..]);
    }
}
