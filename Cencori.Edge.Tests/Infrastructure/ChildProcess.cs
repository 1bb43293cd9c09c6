using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>
/// A program that never outlives the test run, however the run ends. Its output is buffered in memory for error messages, so a program with much
/// output must write to a file.
/// </summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<ChildProcess, bool> Running = new();
    private static readonly BlockingCollection<Action> Starts = [];
    private static readonly string? SetPriv = Find("setpriv");

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    static ChildProcess()
    {
        // The kernel sends the death signal when the starting thread ends, not the process. So a dedicated thread starts all children.
        new Thread(Start) { IsBackground = true, Name = "starts child processes" }.Start();
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            foreach (var child in Running.Keys)
            {
                child._process.Kill();
            }
        };
    }

    private ChildProcess(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _errors = process.StandardError.ReadToEndAsync();
        Running[this] = true;
    }

    public bool HasExited => _process.HasExited;

    /// <summary>The path of <paramref name="program"/> on the PATH. Null: not found.</summary>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(directory => Path.Combine(directory, program))
        .FirstOrDefault(File.Exists);

    /// <exception cref="Win32Exception">There is no such program.</exception>
    public static async Task<ChildProcess> StartAsync(string workingDirectory, string program, params IEnumerable<string> arguments) =>
        new(await LaunchAsync(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }));

    /// <summary>For callers that need the process itself.</summary>
    /// <param name="start">The program.</param>
    /// <param name="deathSignal">The signal that the program gets if the test run is killed, without SIG.</param>
    /// <exception cref="Win32Exception">There is no such program.</exception>
    public static Task<Process> LaunchAsync(ProcessStartInfo start, string deathSignal = "KILL")
    {
        if (SetPriv is not null)
        {
            string[] command = ["--pdeathsig", deathSignal, start.FileName, .. start.ArgumentList];
            start.FileName = SetPriv;
            start.ArgumentList.Clear();
            Array.ForEach(command, start.ArgumentList.Add);
        }

        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
            catch (Exception failure)
            {
                started.SetException(failure);
            }
        });
        return started.Task;
    }

    /// <summary>Sends SIGKILL and waits for the end. Does nothing if the process has already ended.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Eventually.Timeout, TimeProvider.System);
    }

    /// <param name="name">Name of the signal, without SIG.</param>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>The whole output; completes when the program has ended.</summary>
    public async Task<string> OutputAsync() => (await _output + await _errors).Trim();

    public async ValueTask DisposeAsync()
    {
        if (Running.TryRemove(this, out _))
        {
            await KillAsync();
            _process.Dispose();
        }
    }

    private static void Start()
    {
        foreach (var start in Starts.GetConsumingEnumerable())
        {
            start();
        }
    }
}
