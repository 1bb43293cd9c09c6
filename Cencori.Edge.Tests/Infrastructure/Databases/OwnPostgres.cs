using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Cencori.Edge.Tests.Infrastructure.Databases;

/// <summary>A PostgreSQL server of one test on 127.0.0.1 that can be stopped, restarted and paused.</summary>
public sealed class OwnPostgres : IAsyncDisposable
{
    /// <summary>Must not occur in anything that an edge writes.</summary>
    public const string Password = "recognisable-postgres-password";

    public const string User = "recognisable_user";

    private static readonly string? Binaries = FindBinaries();

    // PostgreSQL refuses to run as root.
    private static readonly string? Account = Environment.UserName != "root" ? "" : Array.Find(["postgres", "nobody"], HasAccount);

    // Standard input controls the script. A line stops the server. The end of input, which comes even when the test run is killed, stops the server and
    // deletes its files.
    private const string Script = """
        data="$2/data"
        if [ ! -d "$data" ]; then
          mkdir -m 700 "$2" || exit 1
          cp -a "$6/data" "$data" || { rm -rf "$2"; exit 1; }
        fi
        "$1/postgres" -D "$data" -p "$5" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off \
          -c max_connections=300 -c shared_buffers=16MB >> "$2/log" 2>&1 &
        if read -r _; then
          kill -INT $! && wait $!
        else
          kill -QUIT $!; kill -CONT $!; wait $!
          rm -rf "$2"
        fi
        """;

    private const string TemplateScript = """
        mkdir -m 700 "$2" && printf '%s' "$4" > "$2/password" || exit 1
        "$1/initdb" -D "$2/data" -U "$3" --pwfile "$2/password" -A scram-sha-256 -E UTF8 --locale=C --no-sync 2>&1
        """;

    // initdb takes a second; copying its result takes almost none.
    private static readonly Lazy<Task<string>> Template = new(MakeTemplateAsync);

    private readonly string _directory = Path.Combine(Path.GetTempPath(), "edge-postgres-" + Guid.NewGuid().ToString("N"));
    private readonly int _port = FreePort();
    private Process? _script;

    private OwnPostgres()
    {
    }

    /// <summary>Why PostgreSQL cannot run on this machine. Null: it can run.</summary>
    public static string? Missing { get; } =
        Binaries is null ? "initdb and postgres are neither on the PATH nor below /usr/lib/postgresql."
        : Account is null ? "PostgreSQL does not run as root, and there is no account 'postgres' or 'nobody'."
        : null;

    /// <summary>For the superuser and the database <c>postgres</c>.</summary>
    public string ConnectionString => $"Host=127.0.0.1;Port={_port};Database=postgres;Username={User};Password={Password}";

    public static async Task<OwnPostgres> StartAsync()
    {
        var server = new OwnPostgres();
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Starts the server with its data and port. Returns when it responds.</summary>
    public async Task StartAgainAsync()
    {
        _script = Run(Script, _directory, User, Password, $"{_port}", await Template.Value);
        using var limit = new CancellationTokenSource(Eventually.Timeout, TimeProvider.System);
        while (!await IsRespondingAsync())
        {
            Assert.False(_script.HasExited, $"PostgreSQL cannot be set up: {(_script.HasExited ? await _script.StandardOutput.ReadToEndAsync() : "")}");
            Assert.False(limit.IsCancellationRequested, $"PostgreSQL does not start: {(limit.IsCancellationRequested ? await File.ReadAllTextAsync(Path.Combine(_directory, "log")) : "")}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    /// <summary>Ends all connections and refuses new ones.</summary>
    public async Task StopAsync()
    {
        await _script!.StandardInput.WriteLineAsync("stop");
        await EndAsync();
    }

    /// <summary>Suspends the server: it keeps connections, and the kernel accepts new ones, but it does not respond.</summary>
    public void Pause() => Signal("STOP");

    public void Resume() => Signal("CONT");

    public async ValueTask DisposeAsync()
    {
        if (_script is not null)
        {
            _script.StandardInput.Close();
            await EndAsync();
        }

        // The script of a stopped server does not delete the directory.
        if (Directory.Exists(_directory))
        {
            RunDirectory.Delete(_directory);
        }
    }

    private static async Task<string> MakeTemplateAsync()
    {
        var directory = Path.Combine(Path.GetTempPath(), "edge-postgres-template");
        using var script = Run(TemplateScript, directory, User, Password);
        var output = await script.StandardOutput.ReadToEndAsync();
        await script.WaitForExitAsync();
        Assert.True(script.ExitCode == 0, $"PostgreSQL cannot be set up: {output}");
        return directory;
    }

    private static Process Run(string script, params string[] arguments)
    {
        string[] shell = ["sh", "-c", script, "sh", Binaries!, .. arguments];
        string[] command = Account is "" ? shell : ["runuser", "-u", Account!, "--", .. shell];
        return Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = "/",
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    private async Task EndAsync()
    {
        await _script!.WaitForExitAsync().WaitAsync(Eventually.Timeout, TimeProvider.System);
        _script.Dispose();
        _script = null;
    }

    private async Task<bool> IsRespondingAsync()
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=False;Timeout=5");
        try
        {
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException exception) when (exception.IsTransient)
        {
            return false;
        }
    }

    // The server has one process per connection, and each must be signalled.
    private void Signal(string name)
    {
        var postmaster = File.ReadLines(Path.Combine(_directory, "data", "postmaster.pid")).First();
        var children = Directory.EnumerateDirectories("/proc").Select(directory => directory["/proc/".Length..]).Where(id => char.IsAsciiDigit(id[0]) && ParentOf(id) == postmaster);
        using var kill = Process.Start("kill", [$"-{name}", postmaster, .. children]);
        kill.WaitForExit();
    }

    private static string? ParentOf(string processId)
    {
        try
        {
            // The process name is in brackets and may contain any character. So the fields are counted from the last closing bracket.
            var status = File.ReadAllText($"/proc/{processId}/stat");
            return status[(status.LastIndexOf(')') + 2)..].Split(' ')[1];
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string? FindBinaries()
    {
        var installed = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Order().Reverse().Select(version => Path.Combine(version, "bin")) : [];
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Concat(installed)
            .FirstOrDefault(directory => File.Exists(Path.Combine(directory, "initdb")) && File.Exists(Path.Combine(directory, "postgres")));
    }

    private static bool HasAccount(string name) => File.ReadLines("/etc/passwd").Any(line => line.StartsWith(name + ":", StringComparison.Ordinal));

    private static int FreePort()
    {
        // Below the ephemeral ports, so that a restarted server finds its port still free.
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            var port = Random.Shared.Next(3_000, 9_900);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // The port is in use.
            }
        }
    }
}
