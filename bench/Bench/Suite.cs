using System.Globalization;
using Cencori.Edge.Bench.Loads;
using Cencori.Edge.Bench.Subjects;

namespace Cencori.Edge.Bench;

/// <summary>The workloads of a run, in order.</summary>
internal sealed class Suite
{
    public const string OneProject = "one project", ManyProjects = "many projects";

    public const string WithoutRules = "no rules", Counting = "rules that count", Masking = "rules that mask requests and responses";

    private const int Connections = 32;
    private const int HotConnections = 64;

    public Suite(Options options)
    {
        Small = new("small", $"Small JSON chat, {Connections} connections", new(Bodies.Small, Connections), _ => true);
        Hot = new("hot", $"Small JSON chat, one hot project, {HotConnections} connections", new(Bodies.Small, HotConnections), OursOrBare);
        Paced = new(new(Bodies.Small, HotConnections));
        Long = new("long", $"8 KB prompt, {Connections} connections", new(Bodies.Long, Connections), NotPortkey);
        Image = new("image", "1 MB prompt with an image, 4 connections", new(Bodies.Image, 4), NotPortkey);
        Burst = new("burst", "Streams of 2,000 chunks at once, 8 connections; a request is a stream", new(Bodies.Stream, 8, "bench chunks=2000"), NotPortkey);
        Stream = new("stream", "50 streams of 200 chunks at 50 a second", 50, TimeSpan.FromSeconds(1), 200, 50, NotPortkey);
        Open = [.. options.Streams.Select(count => new StreamWorkload(
            $"open-{count}", $"{count.ToString("N0", CultureInfo.InvariantCulture)} open streams, one chunk a second each", count, TimeSpan.FromSeconds(count / 500.0), (int)(count / 500.0) + 8, 1, OursOrBare))];
        Flood = new("flood", $"Requests beyond their project's limit (429), {Connections} connections; bare YARP forwards them", new(Bodies.Small, Connections), OursOrBare)
        {
            IsRefused = true,
            Keys = [("", async subject => [await subject.Api!.CreateKeyAsync(1)])],
        };
        Unknown = new("unknown", $"Unknown keys (401), {Connections} connections", new(Bodies.Small, Connections), Ours)
        {
            IsRefused = true,
            Keys = [("", _ => Task.FromResult<IReadOnlyList<string>>([.. Enumerable.Range(0, 1_000).Select(number => "csk_" + number.ToString("x32", CultureInfo.InvariantCulture))]))],
        };
        Projects = new(
            "projects", $"One project, and {options.Projects.ToString("N0", CultureInfo.InvariantCulture)} in turn, {HotConnections} connections", new(Bodies.Small, HotConnections),
            subject => subject.Name is Names.Memory or Names.Redis)
        {
            // The list for one project has as many entries as the list for many, because choosing an entry costs the load something.
            Keys =
            [
                (OneProject, async subject => [.. Enumerable.Repeat((await MakeKeysAsync(subject, 1))[0], options.Projects)]),
                (ManyProjects, subject => MakeKeysAsync(subject, options.Projects)),
            ],
        };
        Policies = new("policies", $"Small JSON chat, without and with policies, {Connections} connections", new(Bodies.Small, Connections), HasRules) { Keys = Rules };
        PoliciesFirst = new("policies-first", "The same as streams of one chunk, 4 connections", new(Bodies.Stream, 4, "bench chunks=1"), HasRules) { Keys = Rules };
        PoliciesBurst = new("policies-burst", "The same as streams of 2,000 chunks, 8 connections", new(Bodies.Stream, 8, "bench chunks=2000"), HasRules) { Keys = Rules };
        Start = new(subject => subject is { Again: not null, Redis: null, Name: not Names.Unmetered });
        All = [Small, Hot, Paced, Long, Image, Burst, Stream, .. Open, Flood, Unknown, Projects, Policies, PoliciesFirst, PoliciesBurst, Start];
    }

    public ClosedWorkload Small { get; }

    public ClosedWorkload Hot { get; }

    public PacedWorkload Paced { get; }

    public ClosedWorkload Long { get; }

    public ClosedWorkload Image { get; }

    public ClosedWorkload Burst { get; }

    public StreamWorkload Stream { get; }

    public StreamWorkload[] Open { get; }

    public ClosedWorkload Flood { get; }

    public ClosedWorkload Unknown { get; }

    public ClosedWorkload Projects { get; }

    public ClosedWorkload Policies { get; }

    public ClosedWorkload PoliciesFirst { get; }

    public ClosedWorkload PoliciesBurst { get; }

    public StartWorkload Start { get; }

    public Workload[] All { get; }

    // Rules of the kinds that the dashboard offers for a start: once to count findings in requests, as it offers them, and once to mask findings.
    private static IReadOnlyList<(string Row, Func<Subject, Task<IReadOnlyList<string>>> Make)> Rules { get; } =
    [
        (WithoutRules, async subject => [await subject.Api!.CreateKeyAsync(1_000_000_000)]),
        (Counting, async subject => [await subject.Api!.CreateKeyAsync(1_000_000_000, Of("monitor", "input"))]),
        (Masking, async subject => [await subject.Api!.CreateKeyAsync(1_000_000_000, Of("mask", "both"))]),
    ];

    private static IEnumerable<object> Of(string action, string stage) =>
        from kind in (string[])["email", "phone", "card", "iban", "ssn", "api_key", "jwt", "private_key"] select new { name = kind, kind, action, stage };

    private static bool HasRules(Subject subject) => subject.Name == Names.Memory;

    private static bool NotPortkey(Subject subject) => subject.Name is not (Names.Portkey or Names.Unmetered);

    private static bool Ours(Subject subject) => subject.Api is not null && subject.Name != Names.Unmetered;

    private static bool OursOrBare(Subject subject) => Ours(subject) || subject.Name == Names.Bare;

    private static async Task<IReadOnlyList<string>> MakeKeysAsync(Subject subject, int count)
    {
        Run.Say($"making {count} projects, {subject.Name} …");
        var keys = new string[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, _) => keys[number] = await subject.Api!.CreateKeyAsync(1_000_000_000));
        return keys;
    }
}
