using System.Globalization;

namespace Cencori.Edge.Bench;

/// <summary>What a run measures, and for how long.</summary>
internal sealed record Options
{
    public const string Help = """
        bench/run [--turns n] [--seconds n] [--warm n] [--only a,b] [--projects n] [--streams a,b] [--shared] [--keep] [--list]
        bench/compare <commit>, with the same

        The first puts the edge beside bare YARP and other proxies; the second the working tree beside a commit, and both beside bare YARP.

          --turns     how often each workload is put on each subject, by turns (default 7, compare: 5; those of streams 3 at the most)
          --seconds   how long a turn takes, in whole seconds (default 2, compare: 3)
          --warm      how long each subject is under load before its first turn with a kind of request, in seconds (default 60, compare: 30)
          --only      workloads by name (compare: small,long,burst); bench/RESULTS.md is written only by a run of all
          --projects  of the workload with many (default 10000)
          --streams   how many are open at once (default 1000,5000)
          --shared    leaves all cores to everybody, where else each subject has one and everything else the others
          --keep      leaves logs and builds where they are, and says where
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
