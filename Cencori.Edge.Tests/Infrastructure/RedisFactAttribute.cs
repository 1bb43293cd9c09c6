namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>A fact that starts a redis-server of its own; where there is none the run shows it as skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisFactAttribute : FactAttribute
{
    public RedisFactAttribute() => Skip = RedisServer.Missing;
}
