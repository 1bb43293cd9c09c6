using System.Buffers;

namespace Cencori.Edge.Endpoints;

/// <summary>
/// Paths in the caller's own encoding. The server decodes a path except for <c>%2F</c>; afterwards, encoded and plain characters cannot be told
/// apart.
/// </summary>
public static class SentPath
{
    // No client encodes, and no server decodes, more often than this.
    private const int MaxEncodings = 4;

    // http://host/v1/openai/deployments/name/… has the most segments.
    private const int MaxSegmentsOfBase = 10;

    // Characters that a path may contain, including the percent sign. A path with others is encoded again.
    private static readonly SearchValues<char> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%!$&'()*+,;=:@/");

    /// <summary>The path after <c>/v1</c> in the caller's own encoding, without a trailing slash.</summary>
    /// <param name="target">The target of the request line.</param>
    /// <param name="rest">The same path as the server decoded it.</param>
    /// <returns>Null when <paramref name="rest"/> is sufficient, or when servers could read the caller's encoding differently.</returns>
    public static string? Of(string target, PathString rest)
    {
        var end = target.IndexOf('?');
        var path = end < 0 ? target : target[..end];
        if (!path.Contains('%', StringComparison.Ordinal) || path.AsSpan().ContainsAnyExcept(Allowed))
        {
            return null;
        }

        // The base may be any alias. The wanted part is the one that decodes to the same rest.
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
    /// True when a server that decodes further could read the path as another one: it contains empty or dot segments, in any encoding. The edge would
    /// then apply the rules of one endpoint, and the provider would serve another.
    /// </summary>
    /// <param name="path">The path as decoded by the server.</param>
    public static bool IsAmbiguous(string path)
    {
        for (var i = 0; i < MaxEncodings; i++)
        {
            if (HasOddSegment(path))
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

    private static bool HasOddSegment(ReadOnlySpan<char> path)
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
