using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;

namespace Cencori.Edge.Tests.Infrastructure.Network;

/// <summary>nginx in front of two edges, with the shipped configuration. A response header contains the address of the edge that responded.</summary>
public sealed class Nginx : IAsyncDisposable
{
    /// <summary>Response header with the addresses of the edges that were tried; the last one has responded.</summary>
    public const string AskedHeader = "X-Asked";

    private const string Template = "bench/topology/nginx.conf.template";

    private readonly Process _process;
    private readonly string _directory;
    private readonly ConcurrentQueue<string> _errors = new();

    private Nginx(Process process, string directory, Uri address)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) => _errors.Enqueue(line.Data ?? "");
        process.BeginErrorReadLine();
        _directory = directory;
        Address = address;
    }

    /// <summary>Null: not installed. Debian installs it in a directory that is only on root's PATH.</summary>
    public static string? Program { get; } = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin".Split(':')
        .Select(directory => Path.Combine(directory, "nginx")).FirstOrDefault(File.Exists);

    public Uri Address { get; }

    /// <summary>The error log.</summary>
    public string Errors => string.Join('\n', _errors);

    /// <summary>Returns when nginx accepts connections.</summary>
    public static async Task<Nginx> StartAsync(Uri edge1, Uri edge2)
    {
        var directory = Directory.CreateTempSubdirectory("nginx-").FullName;
        var address = new Uri($"http://127.0.0.1:{LoopbackPort.Next()}");
        var file = Path.Combine(directory, "nginx.conf");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(FindTemplate()))
            .Replace("${EDGE_LISTEN}", address.Authority, StringComparison.Ordinal)
            .Replace("${EDGE_1}", edge1.Authority, StringComparison.Ordinal)
            .Replace("${EDGE_2}", edge2.Authority, StringComparison.Ordinal)
            .Replace("${EDGE_TEMP}", directory, StringComparison.Ordinal)
            .Replace("default_type ", $"add_header {AskedHeader} $upstream_addr always; default_type ", StringComparison.Ordinal));
        var start = new ProcessStartInfo(Program!, ["-e", "stderr", "-c", file, "-g", "daemon off;"]) { RedirectStandardError = true };

        // After a SIGKILL, its worker processes would go on.
        var nginx = new Nginx(await ChildProcess.LaunchAsync(start, "TERM"), directory, address);
        await nginx.UntilListeningAsync();
        return nginx;
    }

    public async ValueTask DisposeAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        await _process.WaitForExitAsync().WaitAsync(Eventually.Timeout, TimeProvider.System);
        _process.Dispose();
        RunDirectory.Delete(_directory);
    }

    private async Task UntilListeningAsync()
    {
        using var limit = new CancellationTokenSource(Eventually.Timeout, TimeProvider.System);
        while (true)
        {
            Assert.False(_process.HasExited, $"nginx has ended. {Errors}");
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(Address.Host, Address.Port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit.Token);
            }
        }
    }

    private static string FindTemplate()
    {
        for (var parent = new DirectoryInfo(AppContext.BaseDirectory); parent is not null; parent = parent.Parent)
        {
            var candidate = Path.Combine(parent.FullName, Template);
            if (File.Exists(candidate))
            {
                return candidate;
            }
        }

        throw new FileNotFoundException($"There is no '{Template}' above {AppContext.BaseDirectory}.");
    }
}
