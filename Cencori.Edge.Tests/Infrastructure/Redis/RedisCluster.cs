namespace Cencori.Edge.Tests.Infrastructure.Redis;

/// <summary>A real Redis Cluster of one test: three masters with a third of the slots each, and optionally a replica of each.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Slots = 16_384;
    private const int Size = 3;

    private static readonly string[] Arguments =
    [
        "--cluster-enabled", "yes",
        // Short, because a failover takes about twice this time. Long enough for a live node on a busy machine.
        "--cluster-node-timeout", "2000",
        "--cluster-announce-ip", "127.0.0.1",
        // By default a master waits 5 s for more replicas before it sends its data.
        "--repl-diskless-sync-delay", "0",
    ];

    private readonly RedisServer[] _nodes;

    private RedisCluster(RedisServer[] nodes) => _nodes = nodes;

    /// <summary>The nodes that started as masters.</summary>
    public IReadOnlyList<RedisServer> Masters => _nodes[..Size];

    /// <summary>The replica of each master, in the same order; empty unless requested.</summary>
    public IReadOnlyList<RedisServer> Replicas => _nodes[Size..];

    /// <summary>For StackExchange.Redis, with all nodes.</summary>
    public string Configuration => string.Join(',', _nodes.Select(node => node.Configuration));

    /// <returns>Completes when every node reports a complete cluster, which takes a little over 2 s.</returns>
    public static async Task<RedisCluster> StartAsync(bool withReplicas = false)
    {
        var starts = Enumerable.Range(0, withReplicas ? 2 * Size : Size).Select(_ => RedisServer.StartAsync(Arguments)).ToList();
        try
        {
            var cluster = new RedisCluster(await Task.WhenAll(starts));
            await cluster.JoinAsync();
            return cluster;
        }
        catch
        {
            foreach (var start in starts.Where(start => start.IsCompletedSuccessfully))
            {
                await (await start).DisposeAsync();
            }

            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    private async Task JoinAsync()
    {
        for (var i = 0; i < _nodes.Length; i++)
        {
            // With equal epochs, the nodes would first have to resolve conflicting views of the slots.
            await _nodes[i].ExecuteAsync("CLUSTER", "SET-CONFIG-EPOCH", i + 1);
            if (i > 0)
            {
                await _nodes[i].ExecuteAsync("CLUSTER", "MEET", "127.0.0.1", _nodes[0].Port);
            }

            if (i < Size)
            {
                await _nodes[i].ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", Slots * i / Size, (Slots * (i + 1) / Size) - 1);
            }
        }

        for (var i = Size; i < _nodes.Length; i++)
        {
            var master = (string?)await _nodes[i - Size].ExecuteAsync("CLUSTER", "MYID");
            await UntilAsync(async () => (await QueryAsync(_nodes[i], "CLUSTER", "NODES")).Contains(master!, StringComparison.Ordinal));
            await _nodes[i].ExecuteAsync("CLUSTER", "REPLICATE", master!);
        }

        foreach (var node in _nodes)
        {
            await UntilAsync(async () => await QueryAsync(node, "CLUSTER", "INFO") is var info
                && info.Contains("cluster_state:ok", StringComparison.Ordinal)
                && info.Contains($"cluster_known_nodes:{_nodes.Length}", StringComparison.Ordinal));
        }

        foreach (var replica in Replicas)
        {
            await UntilAsync(async () => (await QueryAsync(replica, "INFO", "replication")).Contains("master_link_status:up", StringComparison.Ordinal));
        }
    }

    private static async Task<string> QueryAsync(RedisServer node, string command, string argument) =>
        (string?)await node.ExecuteAsync(command, argument) ?? "";

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Eventually.Timeout, TimeProvider.System);
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
        }
    }
}
