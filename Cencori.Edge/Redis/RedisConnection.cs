using System.Net.Sockets;
using System.Security.Authentication;
using Cencori.Edge.Storage.Startup;
using StackExchange.Redis;

namespace Cencori.Edge.Redis;

/// <summary>
/// The only connection to Redis. While Redis is unavailable each command fails at once; the connection
/// reconnects by itself.
/// </summary>
/// <param name="options">See <see cref="Parse"/>.</param>
/// <param name="timeout">Returns how long requests wait for a reply, when the connection starts. Null: no time.</param>
public sealed class RedisConnection(ConfigurationOptions options, Func<TimeSpan>? timeout = null) : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    // How much longer the client waits for a reply than a request does. So for requests it only ends commands that they have given up.
    private static readonly TimeSpan SpareTime = TimeSpan.FromSeconds(1);

    private ConnectionMultiplexer? _multiplexer;

    /// <summary>
    /// Raised when a lost connection is back. Messages may have been missed. The server may be another one than before, or may have lost its data.
    /// </summary>
    public event Action? Restored;

    /// <summary>False as soon as the loss is noticed: at once for a broken connection, and for a server that hangs after some times the timeout of requests and seconds.</summary>
    public bool IsConnected => _multiplexer?.IsConnected == true;

    public IDatabase Database => Multiplexer.GetDatabase();

    public ISubscriber Subscriber => Multiplexer.GetSubscriber();

    private ConnectionMultiplexer Multiplexer => _multiplexer ?? throw new InvalidOperationException("The edge must have started before Redis is used.");

    /// <summary>Parses the operator's settings, and adds the options that an edge needs.</summary>
    /// <exception cref="StartupException">The text is not a configuration string, or asks for something that the edge does not support.</exception>
    public static ConfigurationOptions Parse(string configuration)
    {
        ConfigurationOptions options;
        try
        {
            options = ConfigurationOptions.Parse(configuration);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            // The original message quotes part of the string, which may contain part of the password.
            throw new StartupException($"{RedisOptions.Setting}: must be a configuration string such as 'redis:6379,password=…,ssl=true'.", exception);
        }

        if (options.EndPoints.Count == 0)
        {
            throw new StartupException($"{RedisOptions.Setting}: must name a server.");
        }

        // Without a Sentinel that answers, the client would fail the start instead of connecting later.
        if (!string.IsNullOrEmpty(options.ServiceName))
        {
            throw new StartupException($"{RedisOptions.Setting}: must not have a serviceName, because Redis Sentinel is not supported. Name the server or a cluster.");
        }

        options.AbortOnConnectFail = false;
        options.ConnectRetry = 1;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ClientName ??= "cencori-edge";
        options.ConnectTimeout = Math.Min(options.ConnectTimeout, (int)ConnectTimeout.TotalMilliseconds);
        options.AsyncTimeout = (int)SpareTime.TotalMilliseconds;

        // Without the checks, a server that hangs would look connected as long as there is no traffic.
        options.HeartbeatConsistencyChecks = true;
        options.ReconnectRetryPolicy = new LinearRetry(250);
        options.IncludeDetailInExceptions = false;
        return options;
    }

    /// <exception cref="StartupException">Redis refuses the credentials, the TLS settings do not fit, or the servers are several independent masters.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        options.AsyncTimeout += (int)(timeout?.Invoke() ?? TimeSpan.Zero).TotalMilliseconds;
        _multiplexer = await TryConnectAsync() ?? await ConnectionMultiplexer.ConnectAsync(options);
        _multiplexer.ConnectionRestored += (_, _) => Restored?.Invoke();
        RefuseSeveralMasters(_multiplexer);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Asks the servers again which of them is the master, after the old master has reported that it is no longer the master.</summary>
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
            throw new StartupException($"{RedisOptions.Setting}: must not name several independent masters, because limits would be split between them. Name one master or a cluster. Independent masters: {masters.Count}.");
        }
    }

    /// <returns>The connection. Null: no server replies, which may be temporary.</returns>
    private async Task<ConnectionMultiplexer?> TryConnectAsync()
    {
        // The client reports the reason of a failure only with AbortOnConnectFail.
        var once = options.Clone();
        once.AbortOnConnectFail = true;
        try
        {
            return await ConnectionMultiplexer.ConnectAsync(once);
        }
        catch (RedisConnectionException exception) when (Refusal(exception) is { } refusal)
        {
            throw new StartupException($"{RedisOptions.Setting}: {refusal}", exception);
        }
        catch (RedisConnectionException)
        {
            return null;
        }
    }

    // The client reports everything that ends a TLS handshake as a failed authentication, also a connection that is lost meanwhile.
    private static string? Refusal(RedisConnectionException exception) => exception switch
    {
        { FailureType: not ConnectionFailureType.AuthenticationFailure } => null,
        { InnerException: null or RedisException } => "Redis refuses the user or the password, or asks for one and the setting has none.",
        { InnerException: AuthenticationException tls } when tls.GetBaseException() is not (IOException or SocketException) =>
            $"the TLS handshake fails: {tls.GetBaseException().Message.ReplaceLineEndings(" ")}",
        _ => null,
    };
}
