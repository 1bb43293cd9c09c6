namespace Cencori.Edge.Redis;

/// <summary>The Redis that several edges share. Configuration section <c>Redis</c>.</summary>
public static class RedisOptions
{
    /// <summary>A configuration string of StackExchange.Redis, for a single server or for a cluster. Default empty: no Redis.</summary>
    public const string Setting = "Redis:Configuration";
}
