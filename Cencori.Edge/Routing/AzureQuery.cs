namespace Cencori.Edge.Routing;

/// <summary>The query of Azure's clients.</summary>
internal static class AzureQuery
{
    public const string Version = "api-version";

    /// <summary>Those of Azure's next API, which knows no deployments and no other versions.</summary>
    public static readonly string[] VersionsOfNext = ["preview", "latest", "v1"];

    /// <summary>Takes out a version that says something to another API than the one that is asked; the rest keeps its own spelling.</summary>
    /// <param name="request">Of a client of Azure.</param>
    /// <param name="isAzure">Azure is asked.</param>
    /// <param name="address">Where; null: where the provider is configured.</param>
    public static void Fit(HttpRequest request, bool isAzure, Uri? address)
    {
        var isNext = isAzure && address?.AbsolutePath.TrimEnd('/').EndsWith("/openai/v1", StringComparison.OrdinalIgnoreCase) == true;
        if (!request.QueryString.HasValue || (isAzure && !isNext))
        {
            return;
        }

        var kept = request.QueryString.Value[1..].Split('&').Where(pair => !IsVersion(pair, out var version) || (isNext && VersionsOfNext.Contains(version, StringComparer.OrdinalIgnoreCase)));
        var query = string.Join('&', kept);
        request.QueryString = query.Length == 0 ? default : new QueryString("?" + query);
    }

    private static bool IsVersion(string pair, out string value)
    {
        var end = pair.IndexOf('=', StringComparison.Ordinal);
        value = end < 0 ? "" : Uri.UnescapeDataString(pair[(end + 1)..]);
        return Uri.UnescapeDataString(end < 0 ? pair : pair[..end]).Equals(Version, StringComparison.OrdinalIgnoreCase);
    }
}
