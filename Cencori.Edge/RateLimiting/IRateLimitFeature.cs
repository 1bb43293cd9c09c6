namespace Cencori.Edge.RateLimiting;

/// <summary>Where a request keeps what its project's limits said to it.</summary>
public interface IRateLimitFeature
{
    /// <summary>Acquired or refused: headers tell how the limits stand. Whoever owns the request ends it. Null: no limit was asked.</summary>
    RateLimitReservation? Reservation { get; set; }
}
