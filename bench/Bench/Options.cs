using System.Globalization;

namespace Cencori.Edge.Bench;

/// <summary>What a run measures, and for how long.</summary>
internal sealed record Options
{
    public const string Help = """
        bench/run [--turns n] [--seconds n] [--warm n] [--only a,b] [--projects n] [--streams a,b] [--shared] [--keep] [--list]
        bench/compare <commit>, with the same

        The first compares the edge with bare YARP and other proxies. The second compares the working tree with a commit, and both with bare YARP.

          --turns     number of turns of a workload; in a turn it runs once on each subject (default 7, compare: 5; stream workloads at most 3)
          --seconds   duration of one turn, in whole seconds (default 2, compare: 3)
          --warm      seconds of load on each subject before its first turn with each kind of request (default 60, compare: 30)
          --only      names of the workloads to run (default all, compare: small,long,burst); only a run of all writes bench/RESULTS.md
          --projects  number of projects of the workload with many projects (default 10000)
          --streams   numbers of streams that are open at once (default 1000,5000)
          --shared    all programs share all cores; without it, the subject has one core, and all other programs share the rest
          --keep      does not delete logs and builds, and prints their directory
          --list      prints the names of the workloads
        """;

    /// <summary>The commit to compare the working tree with; null: compare with other proxies.</summary>
    public string? Commit { get; init; }

    public int Turns { get; init; } = 7;

    public double Seconds { get; init; } = 2;

    public double WarmUpSeconds { get; init; } = 60;

    public string[] Only { get; init; } = [];

    public int Projects { get; init; } = 10_000;

    public int[] Streams { get; init; } = [1_000, 5_000];

    public bool SharesCores { get; init; }

    public bool KeepsFiles { get; init; }

    public bool Lists { get; init; }

    /// <returns>Null: show the help.</returns>
    public static Options? Read(string[] args) => args switch
    {
        ["compare", var commit, .. var rest] when !commit.StartsWith('-') => Read(rest, new() { Commit = commit, Turns = 5, Seconds = 3, WarmUpSeconds = 30, Only = ["small", "long", "burst"] }),
        ["compare", ..] => null,
        _ => Read(args, new()),
    };

    private static Options? Read(string[] args, Options options)
    {
        for (var at = 0; at < args.Length; at++)
        {
            var flagged = args[at] switch
            {
                "--shared" => options with { SharesCores = true },
                "--keep" => options with { KeepsFiles = true },
                "--list" => options with { Lists = true },
                _ => null,
            };
            if (flagged is not null)
            {
                options = flagged;
                continue;
            }

            if (at + 1 == args.Length)
            {
                return null;
            }

            var value = args[++at];
            var valued = args[at - 1] switch
            {
                "--turns" when Number(value) is > 0 and var turns => options with { Turns = turns },
                "--seconds" when Number(value) is > 0 and var seconds => options with { Seconds = seconds },
                "--warm" when Number(value) is >= 0 and var seconds => options with { WarmUpSeconds = seconds },
                "--only" => options with { Only = value.Split(',') },
                "--projects" when Number(value) is > 0 and var projects => options with { Projects = projects },
                "--streams" when value.Split(',').Select(Number).ToArray() is var counts && counts.All(count => count > 0) => options with { Streams = [.. counts.OfType<int>()] },
                _ => null,
            };
            if (valued is null)
            {
                return null;
            }

            options = valued;
        }

        return options;
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
