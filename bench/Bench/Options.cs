using System.Globalization;

namespace Cencori.Edge.Bench;

/// <summary>What a run measures, and for how long.</summary>
internal sealed record Options
{
    public const string Help = """
        bench/run [--turns n] [--seconds n] [--only a,b] [--projects n] [--streams a,b] [--keep] [--list]

          --turns     how often each workload is put on each subject, by turns (default 7; those of streams 3 at the most)
          --seconds   how long a turn takes, beside a warm-up before the first (default 2)
          --only      workloads by name; bench/RESULTS.md is written only by a run of all
          --projects  of the workload with many (default 10000)
          --streams   how many are open at once (default 1000,5000)
          --keep      leaves logs and builds where they are, and says where
          --list      prints the names of the workloads
        """;

    public int Turns { get; init; } = 7;

    public double Seconds { get; init; } = 2;

    public string[] Only { get; init; } = [];

    public int Projects { get; init; } = 10_000;

    public int[] Streams { get; init; } = [1_000, 5_000];

    public bool KeepsFiles { get; init; }

    public bool Lists { get; init; }

    /// <returns>Null where help is wanted, or needed.</returns>
    public static Options? Read(string[] args)
    {
        var options = new Options();
        for (var at = 0; at < args.Length; at++)
        {
            switch (args[at])
            {
                case "--keep":
                    options = options with { KeepsFiles = true };
                    continue;
                case "--list":
                    options = options with { Lists = true };
                    continue;
            }

            if (at + 1 == args.Length)
            {
                return null;
            }

            var value = args[++at];
            options = args[at - 1] switch
            {
                "--turns" => options with { Turns = Number(value) },
                "--seconds" => options with { Seconds = double.Parse(value, CultureInfo.InvariantCulture) },
                "--only" => options with { Only = value.Split(',') },
                "--projects" => options with { Projects = Number(value) },
                "--streams" => options with { Streams = [.. value.Split(',').Select(Number)] },
                _ => null,
            };
            if (options is null)
            {
                return null;
            }
        }

        return options;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
