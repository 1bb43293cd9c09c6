using System.Diagnostics;
using System.Globalization;

namespace Cencori.Edge.Bench;

/// <summary>A process that the benchmark has started, and what can be read of it. It ends with the benchmark.</summary>
internal sealed class Child : IDisposable
{
    // What the kernel counts CPU time in, on every Linux of these years.
    private const double TicksPerSecond = 100;

    private readonly Process _process;
    private readonly string? _probe;
    private bool _isDisposed;

    private Child(Process process, string? probe)
    {
        _process = process;
        _probe = probe;
    }

    public bool HasExited => _process.HasExited;

    /// <summary>In seconds, of all its threads.</summary>
    public double CpuSeconds
    {
        get
        {
            var fields = File.ReadAllText($"/proc/{_process.Id}/stat").Split(") ")[1].Split(' ');
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
    }

    /// <summary>What of its memory is in the machine's, in bytes.</summary>
    public long ResidentBytes =>
        long.Parse(File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;

    /// <param name="run">Where the run keeps its files.</param>
    /// <param name="name">What its log is called after.</param>
    /// <param name="file">A program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">More of it.</param>
    /// <param name="hasProbe">Whether it is a .NET process whose heap is to be read.</param>
    public static Child Start(Run run, string name, string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, bool hasProbe = false)
    {
        // The shell keeps its output out of this process, which would have to spend time on it.
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = run.Directory };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("log=$1; shift; exec \"$@\" >\"$log\" 2>&1 </dev/null");
        start.ArgumentList.Add("sh");
        start.ArgumentList.Add(run.Log(name));
        start.ArgumentList.Add(file);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[key] = value;
        }

        var probe = hasProbe ? Path.Combine(run.Directory, name + ".probe") : null;
        if (probe is not null)
        {
            start.Environment["DOTNET_STARTUP_HOOKS"] = run.Probe;
            start.Environment["BENCH_PROBE"] = probe;
        }

        var child = new Child(Process.Start(start)!, probe);
        run.Children.Add(child);
        return child;
    }

    /// <summary>The processes that it has started.</summary>
    public Child[] Descendants() =>
    [
        .. File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(id => new Child(Process.GetProcessById(int.Parse(id, CultureInfo.InvariantCulture)), probe: null)),
    ];

    /// <summary>What it has allocated in its life and what its heap holds, in bytes; null for what is no .NET process.</summary>
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

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (!HasExited)
        {
            _ = Native.Kill(_process.Id, Native.Terminate);
            if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            {
                _process.Kill();
            }
        }

        _process.Dispose();
    }

    private void Check(bool holds)
    {
        if (!holds)
        {
            throw new BenchException($"The probe of '{_probe}' does not answer.");
        }
    }
}
