using Cencori.Edge.Tests.Infrastructure.Redis;

namespace Cencori.Edge.Tests.RateLimiting.Redis;

public sealed class RedisRateLimiterTests(SharedRedis redis) : RedisRateLimiterContract(redis.Configuration), IClassFixture<SharedRedis>;
