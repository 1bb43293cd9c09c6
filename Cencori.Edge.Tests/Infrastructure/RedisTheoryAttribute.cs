namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>A theory that starts a redis-server of its own; where there is none the run shows it as skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisTheoryAttribute : TheoryAttribute
{
    public RedisTheoryAttribute() => Skip = RedisServer.Missing;
}
