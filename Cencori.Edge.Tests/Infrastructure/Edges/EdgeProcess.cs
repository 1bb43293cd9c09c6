using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Cencori.Edge.Tests.Infrastructure.Edges;

/// <summary>The edge as an operator starts it: a separate process with its own directory. It never outlives the test run.</summary>
public sealed partial class EdgeProcess : IAsyncDisposable
{
    // A start takes a second of CPU time, which can be much longer on a busy machine.
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _testKey = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _allOut = new();
    private readonly TaskCompletionSource _allError = new();
    private readonly List<string> _output = [];
    private readonly List<string> _errors = [];

    private EdgeProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Keep(_output, line.Data, _allOut);
        process.ErrorDataReceived += (_, line) => Keep(_errors, line.Data, _allError);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Output => Read(_output);

    public string Errors => Read(_errors);

    /// <param name="workingDirectory">Directory of yarp.json and <c>data</c>.</param>
    /// <param name="arguments">Command line.</param>
    public static EdgeProcess Start(string workingDirectory, params string[] arguments) => Start(workingDirectory, [], arguments);

    /// <summary>Starts an edge with additional environment variables.</summary>
    public static EdgeProcess Start(string workingDirectory, (string Name, string Value)[] environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Cencori.Edge.dll"), .. arguments])
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Removes settings from the environment of the test run.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("ASPNETCORE_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        // No grace period: there is no load balancer to wait for. The command line can override this.
        start.Environment["Drain__GraceSeconds"] = "0";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new EdgeProcess(ChildProcess.LaunchAsync(start).GetAwaiter().GetResult());
    }

    /// <summary>The address, once the edge reports that it listens.</summary>
    public async Task<Uri> ListeningAsync()
    {
        var ended = _process.WaitForExitAsync();
        await Task.WhenAny(_listening.Task, ended).WaitAsync(Timeout, TimeProvider.System);
        Assert.True(_listening.Task.IsCompleted, $"It ended. {Output} {Errors}");
        return await _listening.Task;
    }

    /// <summary>The test key that the first start prints.</summary>
    public Task<string> TestKeyAsync() => _testKey.Task.WaitAsync(Timeout, TimeProvider.System);

    /// <summary>The exit code, once the process has ended by itself and its output is read.</summary>
    public async Task<int> EndedAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Timeout, TimeProvider.System);
        await Task.WhenAll(_allOut.Task, _allError.Task).WaitAsync(Timeout, TimeProvider.System);
        return _process.ExitCode;
    }

    /// <summary>Sends SIGTERM, as <c>docker stop</c> does, and waits for the end.</summary>
    public async Task<int> StopAsync()
    {
        await TerminateAsync();
        return await EndedAsync();
    }

    /// <summary>Sends SIGTERM and does not wait.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Sends SIGKILL and waits for the end. Does nothing if the process has already ended.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private void Keep(List<string> lines, string? line, TaskCompletionSource end)
    {
        if (line is null)
        {
            end.TrySetResult();
            return;
        }

        lock (lines)
        {
            lines.Add(line);
        }

        if (Listening().Match(line) is { Success: true } match)
        {
            _listening.TrySetResult(new Uri(match.Groups[1].Value));
        }

        if (TestKey().Match(line) is { Success: true } key)
        {
            _testKey.TrySetResult(key.Value);
        }
    }

    private static string Read(List<string> lines)
    {
        lock (lines)
        {
            return string.Join('\n', lines);
        }
    }

    [GeneratedRegex(@"listens on (\S+)")]
    private static partial Regex Listening();

    [GeneratedRegex("csk_test_[0-9a-f]{48}")]
    private static partial Regex TestKey();
}
