using System.Diagnostics;

namespace Cencori.Edge.Bench;

/// <summary>One run of the benchmark: its settings, its files, and the processes that end with it.</summary>
internal sealed class Run : IDisposable
{
    private readonly Lock _ending = new();
    private readonly Stack<IDisposable> _owned = [];
    private readonly CancellationTokenSource _end = new();

    public required Options Options { get; init; }

    /// <summary>The repository's root.</summary>
    public required string Root { get; init; }

    public required Cores Cores { get; init; }

    /// <summary>The temporary directory of the run; deleted at the end.</summary>
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("edge-bench-").FullName;

    /// <summary>True: the run was interrupted.</summary>
    public bool HasEnded => _end.IsCancellationRequested;

    public string Log(string name) => Path.Combine(Directory, name + ".log");

    /// <summary>The directory of a build.</summary>
    public string Build(string name) => Path.Combine(Directory, "builds", name);

    public static void Say(string line) => Console.Error.WriteLine($"{DateTime.Now:HH:mm:ss} {line}");

    /// <summary>True: the program is on the PATH.</summary>
    public static bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Deletes a directory, even while processes of a killed build still write to it.</summary>
    public static void Delete(string directory)
    {
        for (var tries = 0; System.IO.Directory.Exists(directory); tries++)
        {
            try
            {
                System.IO.Directory.Delete(directory, recursive: true);
            }
            catch (IOException) when (tries < 50)
            {
                Thread.Sleep(100);
            }
        }
    }

    /// <summary>Disposes the object at the end of the run, in reverse order.</summary>
    public T Own<T>(T one) where T : IDisposable
    {
        lock (_ending)
        {
            if (!HasEnded)
            {
                _owned.Push(one);
                return one;
            }
        }

        one.Dispose();
        throw new BenchException("The run has ended.");
    }

    /// <summary>Runs a program and returns its output.</summary>
    /// <exception cref="BenchException">The program failed.</exception>
    public Task<string> RunAsync(string file, params string[] arguments) => RunInAsync(Root, file, arguments);

    /// <summary>Publishes a project as the Dockerfile does.</summary>
    /// <param name="root">The root of the sources, where the SDK finds global.json.</param>
    /// <param name="project">The project's folder below the root.</param>
    /// <param name="build">The name of the build.</param>
    public async Task PublishAsync(string root, string project, string build)
    {
        Say($"building {build} …");
        await RunInAsync(
            root, "dotnet", "publish", project, "--use-current-runtime", "--self-contained", "false", "-p:PublishReadyToRun=true", "-c", "Release", "--nologo", "-v", "q", "-o", Build(build));
    }

    public void Dispose()
    {
        // An interrupt and the normal end may both get here. The process must not exit before the first one is done.
        lock (_ending)
        {
            if (HasEnded)
            {
                return;
            }

            _end.Cancel();

            // Terminates all at once, because an edge needs time to drain.
            foreach (var child in _owned.OfType<Child>())
            {
                child.Terminate();
            }

            while (_owned.TryPop(out var one))
            {
                one.Dispose();
            }

            if (Options.KeepsFiles)
            {
                Say($"kept: {Directory}");
                return;
            }

            Delete(Directory);
        }
    }

    private async Task<string> RunInAsync(string directory, string file, params string[] arguments)
    {
        var start = new ProcessStartInfo(file) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        _end.Token.ThrowIfCancellationRequested();
        using var process = Process.Start(start)!;
        await using var killed = _end.Token.Register(process.Kill);
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new BenchException($"{file} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{output}{await errors}");
    }
}
