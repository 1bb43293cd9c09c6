namespace Cencori.Edge.Storage.Requests;

/// <summary>Builds and reads ids of shadow records. Such a record is about a copy of a request that the edge sent to another model. The id contains the id
/// of the original request, so no extra column is needed.</summary>
public static class ShadowIds
{
    private const string Suffix = "-shadow";
    private const string KeyPrefix = "shadow:";

    /// <summary>The id of the shadow record of a request.</summary>
    public static string Of(string requestId) => requestId + Suffix;

    /// <summary>The id of the original request. Null: the record is not a shadow.</summary>
    public static string? OriginalOf(RequestRecord record) =>
        record.Outcome == RequestOutcome.Shadow && record.RequestId.EndsWith(Suffix, StringComparison.Ordinal) ? record.RequestId[..^Suffix.Length] : null;

    /// <summary>An id that is used in place of a key id. The spending of all shadow requests of a route is summed under it.</summary>
    public static string KeyOf(string route) => KeyPrefix + route;

    /// <summary>The route in an id from <see cref="KeyOf"/>. Null: the id belongs to a key.</summary>
    public static string? RouteOf(string keyId) => keyId.StartsWith(KeyPrefix, StringComparison.Ordinal) ? keyId[KeyPrefix.Length..] : null;
}
