namespace Cencori.Edge.RateLimiting;

/// <summary>Holds the request's reservation in the limits of its project.</summary>
public interface IRateLimitFeature
{
    /// <summary>The reservation, acquired or refused. The response headers show its state, and the exchange ends it. Null: no limit was checked.</summary>
    RateLimitReservation? Reservation { get; set; }
}
