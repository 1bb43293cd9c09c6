using System.Net;
using System.Net.Sockets;
using System.Text;
using Cencori.Edge.Tests.Infrastructure.Network;
using StackExchange.Redis;

namespace Cencori.Edge.Tests.Infrastructure.Redis;

/// <summary>A real Redis of one test on 127.0.0.1 that can be killed, paused and filled. It stores nothing on disk.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private static readonly string[] Defaults = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no"];

    private readonly string _directory = Directory.CreateTempSubdirectory("redis-").FullName;
    private readonly string[] _arguments;
    private readonly string? _password;
    private ChildProcess? _process;

    private RedisServer(string[] arguments)
    {
        _arguments = arguments;
        var option = Array.IndexOf(arguments, "--requirepass");
        _password = option < 0 ? null : arguments[option + 1];
    }

    /// <summary>Why Redis cannot run on this machine. Null: it can run.</summary>
    public static string? Missing { get; } = ChildProcess.Find("redis-server") is null ? "redis-server is not on the PATH." : null;

    public int Port { get; private set; }

    /// <summary>For StackExchange.Redis, with the password if there is one.</summary>
    public string Configuration => $"127.0.0.1:{Port}" + (_password is null ? "" : $",password={_password}");

    /// <param name="arguments">Further command-line arguments: <c>"--maxmemory", "2mb"</c>.</param>
    /// <returns>Completes when the server responds.</returns>
    public static async Task<RedisServer> StartAsync(params string[] arguments)
    {
        var server = new RedisServer(arguments);
        try
        {
            // Another process can take the port between the check and the start.
            for (var attempt = 1; !await server.TryStartAsync(LoopbackPort.Next()); attempt++)
            {
                await server.FailAfterAsync(attempt);
            }

            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the server with SIGKILL. New connections are refused.</summary>
    public Task KillAsync() => _process!.KillAsync();

    /// <summary>Restarts the server on the same port, without data. Kills it first if it is running.</summary>
    public async Task RestartAsync()
    {
        await _process!.DisposeAsync();
        for (var attempt = 1; !await TryStartAsync(Port); attempt++)
        {
            await FailAfterAsync(attempt);
        }
    }

    /// <summary>Suspends the server: it keeps connections, and the kernel accepts new ones, but it does not respond.</summary>
    public void Pause() => _process!.Signal("STOP");

    public void Resume() => _process!.Signal("CONT");

    /// <summary>Runs one command, including administrative ones, on a separate connection.</summary>
    public async Task<RedisResult> ExecuteAsync(string command, params object[] arguments)
    {
        var options = ConfigurationOptions.Parse(Configuration);
        options.AllowAdmin = true;
        // With a proxy setting, the client does not look for other nodes; connecting would otherwise wait for dead nodes of a cluster.
        options.Proxy = Proxy.Envoyproxy;
        options.CommandMap = CommandMap.Default;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        return await connection.GetDatabase().ExecuteAsync(command, arguments);
    }

    /// <summary>Number of a project's running requests, as all edges together count it in this Redis.</summary>
    public async Task<int> HeldSlotsAsync(string project) => (int)await ExecuteAsync("HGET", $"cencori:{{{project}}}:balances", "held");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        if (Directory.Exists(_directory))
        {
            RunDirectory.Delete(_directory);
        }
    }

    private async Task<bool> TryStartAsync(int port)
    {
        Port = port;
        _process = await ChildProcess.StartAsync(_directory, "redis-server", ["--port", $"{port}", .. Defaults, .. _arguments]);
        using var limit = new CancellationTokenSource(Eventually.Timeout, TimeProvider.System);
        while (!_process.HasExited)
        {
            if (await IsRespondingAsync(limit.Token))
            {
                return true;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
        }

        return false;
    }

    private async Task FailAfterAsync(int attempt)
    {
        var output = await _process!.OutputAsync();
        await _process.DisposeAsync();
        if (attempt == 3)
        {
            throw new InvalidOperationException($"redis-server ended at once: {output}");
        }
    }

    // A plain socket, because client libraries do not retry a refused connection within milliseconds.
    private async Task<bool> IsRespondingAsync(CancellationToken limit)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            var reply = new byte[64];
            await socket.ConnectAsync(IPAddress.Loopback, Port, limit);
            await socket.SendAsync("PING\r\n"u8.ToArray(), limit);
            var count = await socket.ReceiveAsync(reply, limit);
            return Encoding.ASCII.GetString(reply, 0, count) is var text
                && (text.StartsWith("+PONG", StringComparison.Ordinal) || text.StartsWith("-NOAUTH", StringComparison.Ordinal));
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
