using System.Threading.RateLimiting;

namespace Cencori.Edge.RateLimiting;

/// <summary>Names of the lease metadata beside <see cref="MetadataName.RetryAfter"/>.</summary>
public static class RateLimitMetadata
{
    /// <summary>The request bucket; absent when requests are unlimited.</summary>
    public static MetadataName<RateLimitStatus> Requests { get; } = MetadataName.Create<RateLimitStatus>("REQUESTS");

    /// <summary>The token bucket; absent when tokens are unlimited.</summary>
    public static MetadataName<RateLimitStatus> Tokens { get; } = MetadataName.Create<RateLimitStatus>("TOKENS");

    /// <summary>A <see cref="LimitName"/>; absent when the lease is acquired.</summary>
    public static MetadataName<string> RefusedBy { get; } = MetadataName.Create<string>("REFUSED_BY");
}
