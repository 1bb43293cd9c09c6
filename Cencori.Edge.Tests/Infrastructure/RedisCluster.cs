namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>A real Redis Cluster of the test's own: three masters with a third of the slots each, and a replica of each if wanted.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Slots = 16_384;
    private const int Size = 3;

    private static readonly string[] Arguments =
    [
        "--cluster-enabled", "yes",
        // Short, for a failover takes this and about as long again; on a busy machine a live node may still be silent for a while.
        "--cluster-node-timeout", "2000",
        "--cluster-announce-ip", "127.0.0.1",
        // A master would wait 5 s for more replicas to send its data to.
        "--repl-diskless-sync-delay", "0",
    ];

    private readonly RedisServer[] _nodes;

    private RedisCluster(RedisServer[] nodes) => _nodes = nodes;

    /// <summary>Those that began as masters.</summary>
    public IReadOnlyList<RedisServer> Masters => _nodes[..Size];

    /// <summary>Of each master in the same order; none unless asked for.</summary>
    public IReadOnlyList<RedisServer> Replicas => _nodes[Size..];

    /// <summary>For StackExchange.Redis; names every node.</summary>
    public string Configuration => string.Join(',', _nodes.Select(node => node.Configuration));

    /// <returns>Once every node says that the cluster is complete; that takes a little over 2 s.</returns>
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
            // With equal epochs the nodes would first have to settle whose view of the slots holds.
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
            await UntilAsync(async () => (await AskAsync(_nodes[i], "CLUSTER", "NODES")).Contains(master!, StringComparison.Ordinal));
            await _nodes[i].ExecuteAsync("CLUSTER", "REPLICATE", master!);
        }

        foreach (var node in _nodes)
        {
            await UntilAsync(async () => await AskAsync(node, "CLUSTER", "INFO") is var info
                && info.Contains("cluster_state:ok", StringComparison.Ordinal)
                && info.Contains($"cluster_known_nodes:{_nodes.Length}", StringComparison.Ordinal));
        }

        foreach (var replica in Replicas)
        {
            await UntilAsync(async () => (await AskAsync(replica, "INFO", "replication")).Contains("master_link_status:up", StringComparison.Ordinal));
        }
    }

    private static async Task<string> AskAsync(RedisServer node, string command, string argument) =>
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
