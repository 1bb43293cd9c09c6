namespace Cencori.Edge.Tests.Infrastructure.Redis;

/// <summary>A theory that starts its own redis-server; without one it is skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisTheoryAttribute : TheoryAttribute
{
    public RedisTheoryAttribute() => Skip = RedisServer.Missing;
}
