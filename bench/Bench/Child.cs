using System.Diagnostics;
using System.Globalization;

namespace Cencori.Edge.Bench;

/// <summary>A process that the benchmark has started, with its CPU time and memory. It ends with the benchmark.</summary>
internal sealed class Child : IDisposable
{
    private readonly Process _process;
    private string? _probe;
    private bool _isDisposed;

    private Child(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>CPU time of all its threads, in seconds.</summary>
    public double CpuSeconds => Native.CpuTime(_process.Id).TotalSeconds;

    /// <summary>Resident memory, in bytes.</summary>
    public long ResidentBytes =>
        long.Parse(File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;

    /// <param name="run">The run, which has the directory for files.</param>
    /// <param name="name">The name of its log file.</param>
    /// <param name="cores">The cores it may use; null: all.</param>
    /// <param name="directory">Its working directory.</param>
    /// <param name="file">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Additional environment variables.</param>
    public static Child Start(Run run, string name, string? cores, string directory, string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        // The shell redirects the output to a file; reading it here would cost this process CPU time.
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = directory };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("log=$1; shift; exec \"$@\" >\"$log\" 2>&1 </dev/null");
        start.ArgumentList.Add("sh");
        start.ArgumentList.Add(run.Log(name));
        foreach (var argument in Cores.Command(cores, file, arguments))
        {
            start.ArgumentList.Add(argument);
        }

        // The Docker image sets no runtime variables, so variables of the user's environment must not affect the figures.
        foreach (var key in start.Environment.Keys.Where(IsSettingOfRuntime).ToArray())
        {
            start.Environment.Remove(key);
        }

        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[key] = value;
        }

        return run.Own(new Child(Process.Start(start)!));
    }

    /// <summary>The child processes of this process.</summary>
    public Child[] Descendants() =>
    [
        .. File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(id => new Child(Process.GetProcessById(int.Parse(id, CultureInfo.InvariantCulture)))),
    ];

    /// <summary>Makes the heap of a running .NET process readable, without an environment variable and without a cost at its start.</summary>
    public void AttachProbe(Run run)
    {
        var probe = run.Build("Probe");
        DiagnosticPort.ApplyStartupHook(_process.Id, Path.Combine(probe, "Probe.dll"));
        _probe = Path.Combine(probe, _process.Id.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Bytes allocated since its start and bytes on its heap; null for a process without a probe.</summary>
    public async Task<(long Allocated, long Heap)?> ReadHeapAsync(bool collect)
    {
        if (_probe is null)
        {
            return null;
        }

        File.Delete(_probe);
        Check(Native.Kill(_process.Id, collect ? Native.UserSignal2 : Native.UserSignal1) == 0);
        for (var waited = 0; !File.Exists(_probe); waited++)
        {
            Check(waited < 1_000 && !HasExited);
            await Task.Delay(10);
        }

        var numbers = (await File.ReadAllTextAsync(_probe)).Split(' ');
        return (long.Parse(numbers[0], CultureInfo.InvariantCulture), long.Parse(numbers[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Sends SIGTERM and does not wait.</summary>
    public void Terminate()
    {
        if (!_isDisposed && !HasExited)
        {
            _ = Native.Kill(_process.Id, Native.Terminate);
        }
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        Terminate();
        _isDisposed = true;
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static bool IsSettingOfRuntime(string name) =>
        (name.StartsWith("DOTNET_", StringComparison.Ordinal) && !name.StartsWith("DOTNET_ROOT", StringComparison.Ordinal))
        || name.StartsWith("COMPlus_", StringComparison.Ordinal) || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal);

    private void Check(bool holds)
    {
        if (!holds)
        {
            throw new BenchException($"The probe of '{_probe}' does not respond.");
        }
    }
}
