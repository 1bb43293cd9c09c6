using Cencori.Edge.Storage;
using StackExchange.Redis;

namespace Cencori.Edge.Redis;

/// <summary>
/// The one connection to Redis. Whoever uses it must expect each command to fail at once while Redis is away; it comes
/// back by itself.
/// </summary>
public sealed class RedisConnection(ConfigurationOptions options) : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    // Longer than any caller waits: this only ends commands whose reply nobody expects any more.
    private static readonly TimeSpan ReplyTimeout = TimeSpan.FromSeconds(1);

    private ConnectionMultiplexer? _multiplexer;

    /// <summary>
    /// A connection was lost and is there again: messages may have been missed, and this may be another Redis, or one that lost
    /// its memory.
    /// </summary>
    public event Action? Restored;

    /// <summary>False as soon as the loss is noticed: at once for a connection that breaks, within seconds for a server that hangs.</summary>
    public bool IsConnected => _multiplexer?.IsConnected == true;

    public IDatabase Database => Multiplexer.GetDatabase();

    public ISubscriber Subscriber => Multiplexer.GetSubscriber();

    private ConnectionMultiplexer Multiplexer => _multiplexer ?? throw new InvalidOperationException("Redis is used before the edge has started.");

    /// <summary>Settings of the operator, completed with what an edge needs.</summary>
    /// <exception cref="StartupException">It is not a configuration string.</exception>
    public static ConfigurationOptions Parse(string configuration)
    {
        ConfigurationOptions options;
        try
        {
            options = ConfigurationOptions.Parse(configuration);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            // Its message repeats a part of the string, which may be a part of the password.
            throw new StartupException($"{RedisOptions.Setting}: not a configuration string such as 'redis:6379,password=…,ssl=true'.", exception);
        }

        if (options.EndPoints.Count == 0)
        {
            throw new StartupException($"{RedisOptions.Setting}: it names no server.");
        }

        options.AbortOnConnectFail = false;
        options.ConnectRetry = 1;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ClientName ??= "cencori-edge";
        options.ConnectTimeout = Math.Min(options.ConnectTimeout, (int)ConnectTimeout.TotalMilliseconds);
        options.AsyncTimeout = (int)ReplyTimeout.TotalMilliseconds;

        // Without traffic a server that hangs would look connected for ever.
        options.HeartbeatConsistencyChecks = true;
        options.ReconnectRetryPolicy = new LinearRetry(250);
        options.IncludeDetailInExceptions = false;
        return options;
    }

    /// <exception cref="StartupException">Redis answers, and refuses what the setting says.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _multiplexer = await TryConnectAsync() ?? await ConnectionMultiplexer.ConnectAsync(options);
        _multiplexer.ConnectionRestored += (_, _) => Restored?.Invoke();
        RefuseSeveralMasters(_multiplexer);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Asks the servers anew which of them is the master, after one that no longer is has said so.</summary>
    public async Task ReconfigureAsync()
    {
        if (_multiplexer is { } multiplexer)
        {
            await multiplexer.ConfigureAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_multiplexer is not null)
        {
            await _multiplexer.DisposeAsync();
        }
    }

    private static void RefuseSeveralMasters(ConnectionMultiplexer multiplexer)
    {
        var masters = multiplexer.GetServers().Where(server => server is { IsConnected: true, IsReplica: false }).ToList();
        if (masters.Count > 1 && masters.Exists(server => server.ServerType != ServerType.Cluster))
        {
            throw new StartupException($"{RedisOptions.Setting}: {masters.Count} of the servers are masters of their own and no cluster, so that limits would be kept in several places.");
        }
    }

    /// <returns>Null: nobody answers, which may pass by itself.</returns>
    private async Task<ConnectionMultiplexer?> TryConnectAsync()
    {
        // Only an attempt that gives up says what it met.
        var once = options.Clone();
        once.AbortOnConnectFail = true;
        try
        {
            return await ConnectionMultiplexer.ConnectAsync(once);
        }
        catch (RedisConnectionException exception) when (exception.FailureType == ConnectionFailureType.AuthenticationFailure)
        {
            throw new StartupException($"{RedisOptions.Setting}: Redis refuses the user or the password, or asks for one and the setting has none.", exception);
        }
        catch (RedisConnectionException)
        {
            return null;
        }
    }
}
