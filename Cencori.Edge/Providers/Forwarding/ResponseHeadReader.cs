using System.Net.Http.Headers;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>What the head of a provider's response tells of the request, in the provider's own words.</summary>
internal static class ResponseHeadReader
{
    private const int LongestLocation = 1024;

    // OpenAI's and most others', Anthropic's, and Azure's.
    private static readonly string[] IdNames = [RequestId.HeaderName, RequestId.AnthropicHeaderName, "apim-request-id"];

    /// <summary>The provider's id of the request; null where it tells none, or one that is no id.</summary>
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
    /// Where the provider has put what the request made, as it stands behind the request's own path, so that it is below the same path here.
    /// Null: it tells no such place. Any other is none that a caller could go to.
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
