namespace Cencori.Edge.Routing.Attempts;

/// <summary>The query string of Azure OpenAI clients.</summary>
internal static class AzureQuery
{
    public const string Version = "api-version";

    /// <summary>The only values of <c>api-version</c> that Azure's v1 API accepts. That API has no deployments.</summary>
    public static readonly string[] V1ApiVersions = ["preview", "latest", "v1"];

    /// <summary>Removes an <c>api-version</c> that the called API does not understand. Leaves the rest of the query as sent.</summary>
    /// <param name="request">The request of an Azure client.</param>
    /// <param name="isAzure">Whether the provider is Azure.</param>
    /// <param name="address">The base URL of the credential. Null: the provider's configured address.</param>
    public static void RemoveUnsupportedVersion(HttpRequest request, bool isAzure, Uri? address)
    {
        var isV1Api = isAzure && address?.AbsolutePath.TrimEnd('/').EndsWith("/openai/v1", StringComparison.OrdinalIgnoreCase) == true;
        if (!request.QueryString.HasValue || (isAzure && !isV1Api))
        {
            return;
        }

        var kept = request.QueryString.Value[1..].Split('&').Where(pair => !IsVersion(pair, out var version) || (isV1Api && V1ApiVersions.Contains(version, StringComparer.OrdinalIgnoreCase)));
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
