namespace Cencori.Edge.Tests.Infrastructure.Redis;

/// <summary>A fact that starts its own redis-server; without one it is skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisFactAttribute : FactAttribute
{
    public RedisFactAttribute() => Skip = RedisServer.Missing;
}
