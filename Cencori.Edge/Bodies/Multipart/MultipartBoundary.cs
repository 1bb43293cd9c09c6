using System.Buffers;
using Microsoft.Net.Http.Headers;

namespace Cencori.Edge.Bodies.Multipart;

/// <summary>Reads the boundary of a multipart request from its Content-Type.</summary>
public static class MultipartBoundary
{
    // Longest boundary in characters. The standard allows 70. Other servers accept slightly more, so the edge does too.
    private const int MaxLength = 128;

    private static readonly SearchValues<char> Allowed = SearchValues.Create(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'()+_,-./:=? ");

    /// <returns>False when the Content-Type is not multipart/form-data with one usable boundary.</returns>
    public static bool TryParse(string? contentType, out string boundary, out RequestProblem problem)
    {
        boundary = "";
        problem = default;
        if (!MediaTypeHeaderValue.TryParse(contentType, out var mediaType)
            || !mediaType.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            problem = new("The Content-Type must be multipart/form-data.", null);
            return false;
        }

        var boundaries = mediaType.Parameters.Where(parameter => parameter.Name.Equals("boundary", StringComparison.OrdinalIgnoreCase)).ToList();
        if (boundaries.Count == 1)
        {
            boundary = HeaderUtilities.RemoveQuotes(boundaries[0].Value).ToString();
        }

        if (boundary.Length is 0 or > MaxLength || boundary.AsSpan().ContainsAnyExcept(Allowed) || boundary.EndsWith(' '))
        {
            problem = new("The Content-Type must name one valid boundary.", null);
            return false;
        }

        return true;
    }
}
