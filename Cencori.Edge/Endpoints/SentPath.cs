using System.Buffers;

namespace Cencori.Edge.Endpoints;

/// <summary>
/// Finds a request's path in the caller's own encoding. Kestrel decodes a path, except for <c>%2F</c>. The decoded path does not show which characters were
/// encoded.
/// </summary>
public static class SentPath
{
    // Maximum number of nested encodings that are checked. No client encodes, and no server decodes, more often than this.
    private const int MaxEncodings = 4;

    // Maximum number of slashes that are tried as the start of the part after the base. The longest base is http://host/v1/openai/deployments/name.
    private const int MaxSegmentsOfBase = 10;

    // Characters that an encoded path may contain. A path with other characters is decoded and encoded again.
    private static readonly SearchValues<char> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%!$&'()*+,;=:@/");

    /// <summary>The path after <c>/v1</c> in the caller's own encoding, without a trailing slash.</summary>
    /// <param name="target">The target of the request line.</param>
    /// <param name="rest">The same path as the server decoded it.</param>
    /// <returns>Null: the target has another path, no encoded characters, or characters that a path must not contain. Callers then use
    /// <paramref name="rest"/>.</returns>
    public static string? Of(string target, PathString rest)
    {
        var end = target.IndexOf('?');
        var path = end < 0 ? target : target[..end];
        if (!path.Contains('%', StringComparison.Ordinal) || path.AsSpan().ContainsAnyExcept(Allowed))
        {
            return null;
        }

        // The path may begin with any alias of /v1. Each slash is tried, until the text from that slash on decodes to the value of rest.
        for (var (start, bases) = (0, 0); start >= 0 && bases < MaxSegmentsOfBase; start = path.IndexOf('/', start + 1), bases++)
        {
            if (path[start] == '/' && string.Equals(PathString.FromUriComponent(path[start..]).Value, rest.Value, StringComparison.Ordinal))
            {
                return path[start..].TrimEnd('/');
            }
        }

        return null;
    }

    /// <summary>
    /// True when a server that decodes further could read the path as another path: the path has empty or dot segments, in any encoding. The edge would
    /// then apply the rules of one endpoint, and the provider would serve another.
    /// </summary>
    /// <param name="path">The path as decoded by Kestrel.</param>
    public static bool IsAmbiguous(string path)
    {
        for (var i = 0; i < MaxEncodings; i++)
        {
            if (HasAmbiguousSegment(path))
            {
                return true;
            }

            if (!path.Contains('%', StringComparison.Ordinal))
            {
                return false;
            }

            var decoded = Uri.UnescapeDataString(path);
            if (decoded.Length == path.Length)
            {
                return false;
            }

            path = decoded;
        }

        return true;
    }

    private static bool HasAmbiguousSegment(ReadOnlySpan<char> path)
    {
        var isFirst = true;
        foreach (var range in (path is [.., '/'] ? path[..^1] : path).SplitAny('/', '\\'))
        {
            // Some servers treat the text after a semicolon as a parameter of the segment.
            var segment = path[range];
            var parameter = segment.IndexOf(';');
            segment = parameter < 0 ? segment : segment[..parameter];
            if (segment is "." or ".." || (segment.IsEmpty && !isFirst))
            {
                return true;
            }

            isFirst = false;
        }

        return false;
    }
}
