using System.Diagnostics;

namespace Cencori.Edge.Bench;

/// <summary>One run of the benchmark: its settings, its files and the processes that end with it.</summary>
internal sealed class Run : IDisposable
{
    public required Options Options { get; init; }

    /// <summary>The root of the repository.</summary>
    public required string Root { get; init; }

    /// <summary>Where everything goes that is deleted afterwards.</summary>
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("edge-bench-").FullName;

    public List<Child> Children { get; } = [];

    public string Probe => Path.Combine(Directory, "Probe", "Probe.dll");

    public string Log(string name) => Path.Combine(Directory, name + ".log");

    public static void Say(string line) => Console.Error.WriteLine($"{DateTime.Now:HH:mm:ss} {line}");

    /// <summary>Whether a program is on the path.</summary>
    public static bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Runs a program to its end and gives what it prints.</summary>
    /// <exception cref="BenchException">It failed.</exception>
    public async Task<string> RunAsync(string file, params string[] arguments)
    {
        var start = new ProcessStartInfo(file) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Root };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new BenchException($"{file} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{output}{await errors}");
    }

    /// <summary>Publishes a project as the Dockerfile does.</summary>
    public Task PublishAsync(string project) => RunAsync(
        "dotnet", "publish", project, "--use-current-runtime", "--self-contained", "false", "-p:PublishReadyToRun=true", "-c", "Release", "--nologo", "-v", "q",
        "-o", Path.Combine(Directory, Path.GetFileName(project)));

    public void Dispose()
    {
        foreach (var child in Enumerable.Reverse(Children))
        {
            child.Dispose();
        }

        if (!Options.KeepsFiles)
        {
            System.IO.Directory.Delete(Directory, recursive: true);
        }
    }
}
