namespace Cencori.Edge.Keys;

/// <summary>Where a request keeps who makes it.</summary>
public interface ICallerFeature
{
    /// <summary>Null: no valid key was shown.</summary>
    Caller? Caller { get; set; }

    /// <summary>A key that is known, and no longer or not at all valid. Null: none was shown.</summary>
    ApiKey? InvalidKey { get; set; }
}
