namespace Cencori.Edge.Storage;

/// <summary>Ids of the records of shadow requests. They encode the relation to the original, so no column is needed for it.</summary>
public static class ShadowIds
{
    private const string Suffix = "-shadow";
    private const string KeyPrefix = "shadow:";

    /// <summary>The id of a request's shadow.</summary>
    public static string Of(string requestId) => requestId + Suffix;

    /// <summary>The id of the original request. Null: the record is not a shadow.</summary>
    public static string? OriginalOf(RequestRecord record) =>
        record.Outcome == RequestOutcome.Shadow && record.RequestId.EndsWith(Suffix, StringComparison.Ordinal) ? record.RequestId[..^Suffix.Length] : null;

    /// <summary>Used instead of a key id: the spending of all shadows of a route is summed under it.</summary>
    public static string KeyOf(string route) => KeyPrefix + route;

    /// <summary>The route of such an id. Null: it is the id of a key.</summary>
    public static string? RouteOf(string keyId) => keyId.StartsWith(KeyPrefix, StringComparison.Ordinal) ? keyId[KeyPrefix.Length..] : null;
}
