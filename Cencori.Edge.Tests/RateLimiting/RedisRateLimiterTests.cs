using Cencori.Edge.Tests.Infrastructure;

namespace Cencori.Edge.Tests.RateLimiting;

public sealed class RedisRateLimiterTests(SharedRedis redis) : RedisRateLimiterContract(redis.Configuration), IClassFixture<SharedRedis>;
