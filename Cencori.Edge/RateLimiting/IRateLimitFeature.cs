namespace Cencori.Edge.RateLimiting;

/// <summary>Holds the request's reservation in the limits of its project.</summary>
public interface IRateLimitFeature
{
    /// <summary>Acquired or refused; the response headers show its state. The owner of the request ends it. Null: no limit was checked.</summary>
    RateLimitReservation? Reservation { get; set; }
}
