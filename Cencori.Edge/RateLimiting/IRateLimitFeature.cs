namespace Cencori.Edge.RateLimiting;

/// <summary>Holds the request's reservation in the limits of its project.</summary>
public interface IRateLimitFeature
{
    /// <summary>The reservation, acquired or refused. Null: no limit was checked.
    /// The reservation is shown in the response headers, and disposed at the end of the exchange.</summary>
    RateLimitReservation? Reservation { get; set; }
}
