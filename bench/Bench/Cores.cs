using System.Globalization;

namespace Cencori.Edge.Bench;

/// <summary>
/// Assigns cores. A subject that shares cores with the load and the provider would hide its own cost behind theirs. So the subject has one core
/// for itself, and everything else uses the others.
/// </summary>
internal sealed class Cores
{
    private readonly string _why;

    private Cores(string why) => _why = why;

    /// <summary>The subject's core in taskset's format; null: nothing is pinned.</summary>
    public string? OfSubject { get; private init; }

    /// <summary>The cores of the load, the provider, Redis and the benchmark.</summary>
    public string? OfOthers { get; private init; }

    public bool ArePinned => OfSubject is not null;

    /// <summary>Number of cores that a subject can use.</summary>
    public int CountOfSubject => ArePinned ? 1 : Environment.ProcessorCount;

    /// <param name="areShared">True: pin nothing, however many cores there are.</param>
    public static Cores Find(bool areShared)
    {
        if (areShared)
        {
            return new("Nothing is pinned (`--shared`): load, provider, Redis and whatever is measured share all cores");
        }

        // A container may see two cores but have the CPU time of one, or may have other cores than the first two.
        var allowed = Allowed();
        if (Environment.ProcessorCount < 2 || allowed.Length < 2)
        {
            return new("There is one core, and nothing is pinned: load, provider, Redis and whatever is measured share it");
        }

        if (!Run.Has("taskset"))
        {
            return new("There is no taskset, and nothing is pinned: load, provider, Redis and whatever is measured share all cores");
        }

        return new("Whatever is measured has one core for itself (two edges the same one); load, provider and Redis have the others")
        {
            OfSubject = Name(allowed[0]),
            OfOthers = string.Join(',', allowed[1..].Select(Name)),
        };
    }

    public override string ToString() => _why;

    /// <summary>The command that runs a program on some of the cores, or on all where <paramref name="cores"/> is null.</summary>
    public static IEnumerable<string> Command(string? cores, string file, IEnumerable<string> arguments) =>
        cores is null ? [file, .. arguments] : ["taskset", "-c", cores, file, .. arguments];

    /// <summary>Moves this process, and everything it starts from now on, off the subjects' core.</summary>
    public async Task LeaveSubjectAloneAsync(Run run)
    {
        // Runs twice: a thread that starts meanwhile inherits the cores of the thread that created it.
        for (var round = 0; ArePinned && round < 2; round++)
        {
            await run.RunAsync("taskset", "-a", "-c", "-p", OfOthers!, Name(Environment.ProcessId));
        }
    }

    private static string Name(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int[] Allowed()
    {
        const string field = "Cpus_allowed_list:";
        var list = File.ReadLines("/proc/self/status").First(line => line.StartsWith(field, StringComparison.Ordinal))[field.Length..];
        return [.. list.Split(',').SelectMany(range =>
        {
            var ends = range.Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture)).ToArray();
            return Enumerable.Range(ends[0], ends[^1] - ends[0] + 1);
        })];
    }
}
