using System.Net.Http.Headers;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>Reads the request id and the location of a created object from the headers of a provider's response.</summary>
internal static class ResponseHeadReader
{
    private const int LongestLocation = 1024;

    // The request id headers of OpenAI and most others, of Anthropic, and of Azure.
    private static readonly string[] IdNames = [RequestId.HeaderName, RequestId.AnthropicHeaderName, "apim-request-id"];

    /// <summary>The provider's request id. Null: the provider sent none, or one with unsafe characters.</summary>
    public static string? IdIn(HttpResponseHeaders headers)
    {
        foreach (var name in IdNames)
        {
            if (headers.NonValidated.TryGetValues(name, out var values) && values.Count == 1 && RequestId.IsHarmless(values.ToString()))
            {
                return values.ToString();
            }
        }

        return null;
    }

    /// <summary>
    /// The path of the created object relative to the request's own path, so that it is valid below the same path of this edge.
    /// Null: the response has no Location below the request's path. A caller could not reach another location through this edge.
    /// </summary>
    public static string? LocationIn(HttpResponseMessage response, PathString path)
    {
        if (!response.IsSuccessStatusCode || !response.Headers.NonValidated.TryGetValues("Location", out var values) || values.Count != 1)
        {
            return null;
        }

        var (location, parent) = (values.ToString(), path.ToUriComponent().TrimEnd('/'));
        var at = parent.Length == 0 ? -1 : location.IndexOf(parent + "/", StringComparison.Ordinal);
        var below = at < 0 ? "" : location[(at + parent.Length)..];
        return below.Length is > 1 and <= LongestLocation && !below.AsSpan().ContainsAnyExceptInRange('!', '~') ? below : null;
    }
}
