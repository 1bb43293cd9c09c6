namespace Cencori.Edge.Keys;

/// <summary>Holds the caller of a request.</summary>
public interface ICallerFeature
{
    /// <summary>The caller. Null: the request has no valid key.</summary>
    Caller? Caller { get; set; }

    /// <summary>A known key that is revoked or expired. Null: none.</summary>
    ApiKey? InvalidKey { get; set; }
}
