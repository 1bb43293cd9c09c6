using System.Globalization;
using System.Text.Json.Nodes;

namespace Cencori.Edge.Tests.Infrastructure.Clients;

/// <summary>A response as received; the head is the status line and headers, without the empty line.</summary>
public sealed record RawResponse(string Head, string Body)
{
    public int Status => int.Parse(Head.AsSpan(9, 3), CultureInfo.InvariantCulture);

    public ILookup<string, string> Headers { get; } = Head.Split("\r\n").Skip(1)
        .Select(line => line.Split(':', 2))
        .ToLookup(pair => pair[0], pair => pair[1].Trim(), StringComparer.OrdinalIgnoreCase);

    /// <summary>Code of an error in the nested dialect.</summary>
    public string? ErrorCode => (string?)JsonNode.Parse(Body)?["error"]?["code"];
}
