using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;

namespace Cencori.Edge.Egress;

/// <summary>
/// The edges that a request has been through, as a header of what they forward: ids of 16 hex digits, separated by commas. By its own
/// id an edge knows a request that has come back to it.
/// </summary>
public sealed class LoopMark
{
    public const string HeaderName = "X-Cencori-Via";

    /// <summary>Edges that a request may go through. A loop over many edges, of which none knows the others, ends here.</summary>
    public const int MaxEdges = 8;

    private const int IdLength = 16;

    /// <summary>This edge's own since its start. It says nothing of it.</summary>
    public string Id { get; } = RandomNumberGenerator.GetHexString(IdLength, lowercase: true);

    /// <summary>True where the request has been here before, or has been through as many edges as it may.</summary>
    public bool IsLoop(IHeaderDictionary headers)
    {
        if (!headers.TryGetValue(HeaderName, out var seen))
        {
            return false;
        }

        var ids = IdsOf(seen).ToList();
        return ids.Count >= MaxEdges || ids.Contains(Id);
    }

    /// <summary>What the forwarded request carries: the edges before, and this one. What a caller has made up of other than ids is left out.</summary>
    public string Next(IHeaderDictionary headers) => headers.TryGetValue(HeaderName, out var seen) ? string.Join(',', IdsOf(seen).Append(Id)) : Id;

    private static IEnumerable<string> IdsOf(StringValues header) => header
        .SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries))
        .Where(id => id.Length == IdLength && id.All(char.IsAsciiHexDigitLower))
        .Take(MaxEdges);
}
