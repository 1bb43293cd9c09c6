using System.Buffers;

namespace Cencori.Edge.Endpoints;

/// <summary>
/// Paths as callers spell them. The server decodes what it is sent, but for <c>%2F</c>, and what it decodes cannot be told from what was never
/// encoded.
/// </summary>
public static class SentPath
{
    // Deeper than this no client encodes, and no server decodes.
    private const int MaxEncodings = 4;

    // http://host/v1/openai/deployments/name/… has the most.
    private const int MaxSegmentsOfBase = 10;

    // What may stand in a path, a percent sign included. Everything else is encoded anew.
    private static readonly SearchValues<char> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%!$&'()*+,;=:@/");

    /// <summary>The path after <c>/v1</c> in the caller's own spelling, without a slash at its end.</summary>
    /// <param name="target">Of the request line.</param>
    /// <param name="rest">The same path as the server decoded it.</param>
    /// <returns>Null where <paramref name="rest"/> says it all, or where the caller's spelling means something else to some servers.</returns>
    public static string? Of(string target, PathString rest)
    {
        var end = target.IndexOf('?');
        var path = end < 0 ? target : target[..end];
        if (!path.Contains('%', StringComparison.Ordinal) || path.AsSpan().ContainsAnyExcept(Allowed))
        {
            return null;
        }

        // Whatever base it came by, the rest of it is what decodes to the same.
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
    /// True where a server that decodes more than this one could take the path for another: it has empty or dot segments, however they are
    /// encoded. The edge would have recognised one endpoint, and the provider served another.
    /// </summary>
    /// <param name="path">As the server decoded it.</param>
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
            // Some servers take what follows a semicolon for a parameter of the segment.
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
