using Microsoft.Net.Http.Headers;

namespace Cencori.Edge.Bodies;

/// <summary>Decides whether a server may read other text from a body than the edge, which reads UTF-8.</summary>
internal static class BodyCharset
{
    /// <summary>False if the content type states another charset than UTF-8 or its part ASCII, or if a server may read one from it although the edge cannot.</summary>
    public static bool IsUtf8(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type) ? IsUtf8(type) : contentType?.Contains("charset", StringComparison.OrdinalIgnoreCase) != true;

    /// <summary>False if the type states another charset than UTF-8 or its part ASCII. Each charset counts if there are several.</summary>
    public static bool IsUtf8(MediaTypeHeaderValue type)
    {
        foreach (var parameter in type.Parameters)
        {
            if (parameter.Name.Equals("charset", StringComparison.OrdinalIgnoreCase)
                && HeaderUtilities.RemoveQuotes(parameter.Value).ToString().ToLowerInvariant() is not ("utf-8" or "utf8" or "us-ascii" or "ascii"))
            {
                return false;
            }
        }

        return true;
    }
}
