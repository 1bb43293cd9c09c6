using System.Runtime.InteropServices;
using System.Text;
using Cencori.Edge.Bench;
using Cencori.Edge.Bench.Subjects;

if (Options.Read(args) is not { } options)
{
    Console.WriteLine(Options.Help);
    return 2;
}

var suite = new Suite(options);
if (options.Lists)
{
    Console.WriteLine(string.Join('\n', suite.All.Select(workload => workload.Name)));
    return 0;
}

using var run = new Run { Options = options, Root = Root(), Cores = Cores.Find(options.SharesCores) };
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => run.Dispose());
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => run.Dispose());
try
{
    if (options.Only.Except(suite.All.Select(workload => workload.Name)).ToArray() is { Length: > 0 } unknown)
    {
        throw new BenchException($"There is no workload '{string.Join("', '", unknown)}'; --list names all.");
    }

    Require();
    Run.Say($"{run.Cores}.");
    var chosen = suite.All.Where(workload => options.Only is [] || options.Only.Contains(workload.Name)).ToArray();
    var topology = new Topology(run);
    if (options.Commit is not null)
    {
        var tree = await CommitTree.CheckOutAsync(run, options.Commit);
        var compared = await topology.StartBesideAsync(tree);
        foreach (var workload in chosen.Where(workload => compared.Any(workload.Suits)))
        {
            await workload.MeasureAsync(run, compared);
            Console.Write(Comparison.Table(workload, tree.Commit));
        }

        return 0;
    }

    var subjects = await topology.StartAllAsync();
    var text = new StringBuilder();
    foreach (var workload in chosen)
    {
        await workload.MeasureAsync(run, subjects);
        var table = Report.Table(workload);
        Console.Write(table);
        text.Append(table);

        // Writes after each workload, so that an interrupted run keeps its results.
        if (options.Only is [])
        {
            await File.WriteAllTextAsync(Path.Combine(run.Root, "bench", "RESULTS.md"), $"{Machine.Describe(run)}\n{new Targets(suite).Table()}\n{text.ToString().TrimEnd()}\n");
        }
    }

    Console.Write(new Targets(suite).Table());
    return 0;
}
catch (Exception) when (run.HasEnded)
{
    return 130;
}
catch (BenchException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
finally
{
    // Must run before the interrupt handlers are removed.
    run.Dispose();
}

void Require()
{
    (string Program, string Package)[] programs = options.Commit is null
        ? [("wrk", "wrk"), ("taskset", "util-linux"), ("redis-server", "redis-server"), ("redis-cli", "redis-tools"), ("nginx", "nginx"), ("node", "nodejs")]
        : [("wrk", "wrk"), ("taskset", "util-linux"), ("git", "git")];
    var missing = programs.Where(program => !Run.Has(program.Program)).ToArray();
    foreach (var (program, package) in missing)
    {
        Run.Say($"missing: {program} (Debian package {package})");
    }

    if (missing.Any(program => program.Program is "wrk" or "git"))
    {
        throw new BenchException("Nothing can be measured without that.");
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
