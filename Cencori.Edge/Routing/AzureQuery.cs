using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Cencori.Edge.Routing;

/// <summary>The query of Azure's clients.</summary>
internal static class AzureQuery
{
    private const string Version = "api-version";

    /// <summary>Takes out what says something to Azure alone; the rest keeps its own spelling.</summary>
    public static void RemoveVersion(HttpRequest request)
    {
        if (!request.QueryString.HasValue)
        {
            return;
        }

        var kept = new StringBuilder();
        foreach (var pair in new QueryStringEnumerable(request.QueryString.Value))
        {
            if (!pair.DecodeName().Span.Equals(Version, StringComparison.OrdinalIgnoreCase))
            {
                kept.Append(kept.Length == 0 ? '?' : '&').Append(pair.EncodedName).Append('=').Append(pair.EncodedValue);
            }
        }

        request.QueryString = new QueryString(kept.ToString());
    }
}
