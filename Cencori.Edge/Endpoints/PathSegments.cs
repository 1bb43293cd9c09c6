namespace Cencori.Edge.Endpoints;

/// <summary>A path's segments as the most lenient server splits it: one that takes an escaped slash, or a backslash, for a slash.</summary>
public static class PathSegments
{
    /// <param name="path">As Kestrel gives it: unescaped, but for slashes.</param>
    public static string[] Of(string path) =>
        path.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase).Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries);
}
