namespace Cencori.Edge.Storage;

/// <summary>Under which ids the shadows of a route's requests are recorded: no column has to say which belongs to which.</summary>
public static class ShadowIds
{
    private const string Suffix = "-shadow";
    private const string KeyPrefix = "shadow:";

    /// <summary>Of the shadow of a request.</summary>
    public static string Of(string requestId) => requestId + Suffix;

    /// <summary>Of the request whose shadow it is. Null: it is none.</summary>
    public static string? OriginalOf(RequestRecord record) =>
        record.Outcome == RequestOutcome.Shadow && record.RequestId.EndsWith(Suffix, StringComparison.Ordinal) ? record.RequestId[..^Suffix.Length] : null;

    /// <summary>What stands in place of a key's id: what all shadows of a route spend is added up under it.</summary>
    public static string KeyOf(string route) => KeyPrefix + route;

    /// <summary>The route of what stands in place of a key's id. Null: it is the id of a key.</summary>
    public static string? RouteOf(string keyId) => keyId.StartsWith(KeyPrefix, StringComparison.Ordinal) ? keyId[KeyPrefix.Length..] : null;
}
