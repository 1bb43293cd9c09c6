using System.Net;
using System.Net.Sockets;
using System.Text;
using StackExchange.Redis;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>A real Redis of the test's own on 127.0.0.1, to be killed, paused and filled at will. It keeps nothing on disk.</summary>
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

    /// <summary>Why there can be none on this machine; null: there can.</summary>
    public static string? Missing { get; } = ChildProcess.Find("redis-server") is null ? "redis-server is not on the PATH." : null;

    public int Port { get; private set; }

    /// <summary>For StackExchange.Redis; with the password, if it has one.</summary>
    public string Configuration => $"127.0.0.1:{Port}" + (_password is null ? "" : $",password={_password}");

    /// <param name="arguments">More of them, as on the command line: <c>"--maxmemory", "2mb"</c>.</param>
    /// <returns>Once it answers.</returns>
    public static async Task<RedisServer> StartAsync(params string[] arguments)
    {
        var server = new RedisServer(arguments);
        try
        {
            // Whoever takes the port between its choice and its use wins.
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

    /// <summary>Ends it with SIGKILL; whoever connects is refused from then on.</summary>
    public Task KillAsync() => _process!.KillAsync();

    /// <summary>Starts it again on the same port, empty; kills it first if it runs.</summary>
    public async Task RestartAsync()
    {
        await _process!.DisposeAsync();
        for (var attempt = 1; !await TryStartAsync(Port); attempt++)
        {
            await FailAfterAsync(attempt);
        }
    }

    /// <summary>Keeps its connections and takes new ones, as the kernel does that for it, but answers nothing.</summary>
    public void Pause() => _process!.Signal("STOP");

    public void Resume() => _process!.Signal("CONT");

    /// <summary>One command on a connection of its own, which may be an administrative one.</summary>
    public async Task<RedisResult> ExecuteAsync(string command, params object[] arguments)
    {
        var options = ConfigurationOptions.Parse(Configuration);
        options.AllowAdmin = true;
        // What stands behind a proxy is not asked for other nodes: connecting would wait for those of a cluster that are dead.
        options.Proxy = Proxy.Envoyproxy;
        options.CommandMap = CommandMap.Default;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        return await connection.GetDatabase().ExecuteAsync(command, arguments);
    }

    /// <summary>Running requests of a project that all edges together count here.</summary>
    public async Task<int> HeldSlotsAsync(string project) => (int)await ExecuteAsync("HGET", $"cencori:{{{project}}}:balances", "held");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
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

    // Without a client library: none gives up on a refused connection and asks again within milliseconds.
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
