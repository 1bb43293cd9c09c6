using System.Runtime.InteropServices;
using System.Text;
using Cencori.Edge.Bench;

if (Options.Read(args) is not { } options)
{
    Console.WriteLine(Options.Help);
    return 2;
}

using var run = new Run { Options = options, Root = Root() };
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => run.Dispose());
try
{
    var topology = new Topology(run);
    var suite = new Suite(options, topology);
    if (options.Lists)
    {
        Console.WriteLine(string.Join('\n', suite.All.Select(workload => workload.Name)));
        return 0;
    }

    if (options.Only.Except(suite.All.Select(workload => workload.Name)).ToArray() is { Length: > 0 } unknown)
    {
        throw new BenchException($"There is no workload '{string.Join("', '", unknown)}'; --list names all.");
    }

    var missing = new[] { ("wrk", "wrk"), ("redis-server", "redis-server"), ("redis-cli", "redis-tools"), ("nginx", "nginx"), ("node", "nodejs") }.Where(program => !Run.Has(program.Item1)).ToArray();
    foreach (var (program, package) in missing)
    {
        Run.Say($"missing: {program} (Debian package {package})");
    }

    if (missing.Any(program => program.Item1 == "wrk"))
    {
        throw new BenchException("Without wrk there is no load.");
    }

    await topology.BuildAsync();
    Run.Say("starting …");
    var subjects = await topology.StartAsync();
    var text = new StringBuilder();
    var chosen = suite.All.Where(workload => options.Only is [] || options.Only.Contains(workload.Name)).ToArray();
    await Suite.WarmUpAsync(run, subjects.Where(subject => chosen.Any(workload => workload.Suits(subject))));
    foreach (var workload in chosen)
    {
        await workload.MeasureAsync(run, subjects);
        var table = Report.Table(workload);
        Console.Write(table);
        text.Append(table);

        // After each, so that a run that is ended early leaves what it has measured.
        if (options.Only is [])
        {
            await File.WriteAllTextAsync(Path.Combine(run.Root, "bench", "RESULTS.md"), $"{Machine.Describe(run)}\n{new Targets(suite).Table()}\n{text.ToString().TrimEnd()}\n");
        }
    }

    Console.Write(new Targets(suite).Table());
    return 0;
}
catch (BenchException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
finally
{
    if (options.KeepsFiles)
    {
        Run.Say($"kept: {run.Directory}");
    }
}

static string Root()
{
    var folder = AppContext.BaseDirectory;
    while (!File.Exists(Path.Combine(folder, "Cencori.Edge.sln")))
    {
        folder = Path.GetDirectoryName(folder) ?? throw new BenchException("The benchmark runs from within its repository.");
    }

    return folder;
}
