using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;

namespace Cencori.Edge.Egress;

/// <summary>
/// Reads and writes the header that lists the edges a request has passed: ids of 16 hex digits, separated by commas. An edge finds its own
/// id in the header of a request that has come back.
/// </summary>
public sealed class LoopMark
{
    public const string HeaderName = "X-Cencori-Via";

    /// <summary>
    /// Maximum number of edges that a request may pass. In a loop over many edges, the request would otherwise be forwarded many times before an
    /// edge finds its own id.
    /// </summary>
    public const int MaxEdges = 8;

    private const int IdLength = 16;

    /// <summary>This edge's id, random at each start.</summary>
    public string Id { get; } = RandomNumberGenerator.GetHexString(IdLength, lowercase: true);

    /// <summary>True if the request has passed this edge before, or has passed <see cref="MaxEdges"/> edges.</summary>
    public bool IsLoop(IHeaderDictionary headers)
    {
        if (!headers.TryGetValue(HeaderName, out var seen))
        {
            return false;
        }

        var ids = IdsOf(seen).ToList();
        return ids.Count >= MaxEdges || ids.Contains(Id);
    }

    /// <summary>The header value for the forwarded request: the earlier edges and this one. Parts of the caller's header that are not ids are dropped.</summary>
    public string Next(IHeaderDictionary headers) => headers.TryGetValue(HeaderName, out var seen) ? string.Join(',', IdsOf(seen).Append(Id)) : Id;

    private static IEnumerable<string> IdsOf(StringValues header) => header
        .SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries))
        .Where(id => id.Length == IdLength && id.All(char.IsAsciiHexDigitLower))
        .Take(MaxEdges);
}
