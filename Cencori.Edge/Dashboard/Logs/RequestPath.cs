using Microsoft.AspNetCore.Http.Features;

namespace Cencori.Edge.Dashboard.Logs;

/// <summary>Ids of requests in addresses. A caller may have chosen one with slashes, number signs and percent signs in it.</summary>
public static class RequestPath
{
    private const string Segment = "logs/";

    /// <param name="project">The project's path.</param>
    /// <param name="requestId">The id.</param>
    /// <returns>Null: browsers would take the id for a step up or for nothing, and it can be searched for only.</returns>
    public static string? Of(string project, string requestId) => requestId is "." or ".." or "" ? null : $"{project}/{Segment}{Uri.EscapeDataString(requestId)}";

    /// <summary>The id as it was escaped, decoded once. The server leaves escaped slashes as they are, and so its own value does not tell them from their escapes.</summary>
    public static string Read(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = target.Split('?', '#')[0];
        var project = path.IndexOf("/p/", StringComparison.OrdinalIgnoreCase) + "/p/".Length;
        var section = path.IndexOf('/', project) + 1;
        return Uri.UnescapeDataString(path[(section + Segment.Length)..]);
    }
}
