using System.Text.RegularExpressions;
using Cencori.Edge.Routing.Attempts;

namespace Cencori.Edge.Admin.Providers;

/// <summary>
/// Converts a URL that a user copied to the base URL of a provider. Azure's portal shows the URL of an operation with an API version: the operation is removed,
/// and the version is kept as <c>…?api-version=…</c> for every request.
/// </summary>
internal static partial class BaseUrls
{
    private static readonly string[] Operations = ["/chat/completions", "/completions", "/embeddings", "/responses"];

    /// <returns>The base URL in the form that is stored. Null: the text is not valid.</returns>
    public static string? Read(string text, out string fault)
    {
        fault = "The base URL must be absolute, http or https, without user, fragment or control characters. The only allowed query parameter is Azure's api-version. Put a key into the credential, not into the URL.";
        if (text.Any(char.IsControl) || !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")
            || url.UserInfo.Length > 0 || url.Fragment.Length > 0 || !TryReadVersion(url.Query, out var version))
        {
            return null;
        }

        var path = WithoutOperation(url.AbsolutePath.TrimEnd('/'));
        if (version is not null && IsRoot(path))
        {
            if (!AzureQuery.V1ApiVersions.Contains(version))
            {
                fault = "With a dated api-version, Azure's base URL must name the deployment: https://<resource>.openai.azure.com/openai/deployments/<deployment>?api-version=…. "
                    + "Without a dated api-version, send https://<resource>.openai.azure.com/openai/v1; the request's model is then the deployment.";
                return null;
            }

            path = "/openai/v1";
        }

        return url.GetLeftPart(UriPartial.Authority) + path + (version is null ? "" : $"?{AzureQuery.Version}={version}");
    }

    private static bool TryReadVersion(string query, out string? version)
    {
        version = null;
        if (query is "" or "?")
        {
            return true;
        }

        var match = Version().Match(query);
        version = match.Groups[1].Value;
        return match.Success;
    }

    private static string WithoutOperation(string path) =>
        Array.Find(Operations, operation => path.EndsWith(operation, StringComparison.OrdinalIgnoreCase)) is { } named ? path[..^named.Length].TrimEnd('/') : path;

    private static bool IsRoot(string path) => path.ToUpperInvariant() is "" or "/OPENAI" or "/OPENAI/DEPLOYMENTS";

    [GeneratedRegex("^\\?" + AzureQuery.Version + "=([A-Za-z0-9.-]{1,64})&?$", RegexOptions.IgnoreCase)]
    private static partial Regex Version();
}
