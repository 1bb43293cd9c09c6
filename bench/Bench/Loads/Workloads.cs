using System.Diagnostics;
using System.Globalization;
using Cencori.Edge.Bench.Subjects;

namespace Cencori.Edge.Bench.Loads;

/// <summary>A closed load through wrk.</summary>
internal sealed class ClosedWorkload(string name, string title, Load load, Func<Subject, bool> suits) : Workload(name, title)
{
    // Warms up the code that only this load calls.
    private const double WarmUpSeconds = 3;

    /// <summary>True: every response must be a refusal. False: no response may be a refusal.</summary>
    public bool IsRefused { get; init; }

    /// <summary>Creates the keys for each row of the table. Empty: one row with the subject's own key.</summary>
    public IReadOnlyList<(string Row, Func<Subject, Task<IReadOnlyList<string>>> Make)> Keys { get; init; } = [];

    private readonly Dictionary<string, List<(string Row, IReadOnlyList<string> Keys)>> _rows = [];

    /// <summary>The row's name for a subject with these keys.</summary>
    public static string Row(string subject, string keys) => $"{subject}, {keys}";

    protected override Load Warmth => load;

    public override bool Suits(Subject subject) => suits(subject);

    public override async Task PrepareAsync(Run run, IReadOnlyList<Subject> subjects)
    {
        foreach (var subject in subjects)
        {
            var rows = _rows[subject.Name] = [];
            foreach (var (row, make) in subject.Api is null ? [] : Keys)
            {
                rows.Add((Keys.Count == 1 ? subject.Name : Row(subject.Name, row), await make(subject)));
            }

            if (rows.Count == 0)
            {
                rows.Add((subject.Name, [subject.Key]));
            }
        }
    }

    public override async Task TakeAsync(Run run, Subject subject, bool isWarmUp)
    {
        foreach (var (row, keys) in _rows[subject.Name])
        {
            await TakeAsync(run, subject, row, keys, isWarmUp);
        }
    }

    private async Task TakeAsync(Run run, Subject subject, string row, IReadOnlyList<string> keys, bool isWarmUp)
    {
        var heap = await subject.ReadHeapAsync(collect: false);
        var calls = await RedisCallsAsync(run, subject);
        var cpu = subject.CpuSeconds;
        var result = await Wrk.RunAsync(run, subject, load, keys, isWarmUp ? WarmUpSeconds : run.Options.Seconds);
        Check(subject, result);
        await Task.Delay(Rest);
        if (isWarmUp)
        {
            return;
        }

        Figures.Add(row, Column.Cpu, (subject.CpuSeconds - cpu) / result.Requests * 1_000_000);
        Figures.Add(row, Column.Rate, result.Requests / result.Seconds);
        Figures.Add(row, Column.P50, result.P50);
        Figures.Add(row, Column.P99, result.P99);
        Figures.Add(row, Column.P999, result.P999);
        if (heap is { } before)
        {
            Figures.Add(row, Column.Allocated, ((await subject.ReadHeapAsync(collect: false))!.Value.Allocated - before.Allocated) / (double)result.Requests);
        }

        if (calls is { } earlier)
        {
            Figures.Add(row, Column.RoundTrips, ((await RedisCallsAsync(run, subject))!.Value - earlier) / (double)result.Requests);
        }
    }

    private static async Task<long?> RedisCallsAsync(Run run, Subject subject)
    {
        if (subject.Redis is not { } port)
        {
            return null;
        }

        var statistics = await run.RunAsync("redis-cli", "-p", $"{port}", "INFO", "commandstats");
        return statistics.Split('\n').Where(line => line.StartsWith("cmdstat_evalsha:", StringComparison.Ordinal))
            .Sum(line => long.Parse(line.Split("calls=")[1].Split(',')[0], CultureInfo.InvariantCulture));
    }

    private void Check(Subject subject, WrkResult result)
    {
        if (result.Broken > 0 || (IsRefused && subject.Api is not null ? result.Refused < result.Requests * 0.99 : result.Refused > 0))
        {
            throw new BenchException($"{Name} on {subject.Name}: {result.Requests} requests, {result.Refused} refused, {result.Broken} broken.");
        }
    }
}

/// <summary>Latencies at half of the baseline's peak with this load generator, which needs more CPU than wrk.</summary>
internal sealed class PacedWorkload(Load load) : Workload("paced", "Small JSON chat at half of bare YARP's peak rate, open load")
{
    private const int PeakRequests = 30_000;

    private double _rate;

    protected override Load Warmth => load;

    public override bool Suits(Subject subject) => subject.Name != Names.Portkey;

    public override async Task PrepareAsync(Run run, IReadOnlyList<Subject> subjects)
    {
        var bare = subjects.Single(subject => subject.Name == Names.Bare);
        await PacedLoad.PeakAsync(bare, load, PeakRequests);
        _rate = Math.Round(await PacedLoad.PeakAsync(bare, load, PeakRequests) / 2);
    }

    public override async Task TakeAsync(Run run, Subject subject, bool isWarmUp)
    {
        var cpu = subject.CpuSeconds;
        var latencies = await PacedLoad.RunAsync(subject, load, _rate, (int)(_rate * (isWarmUp ? 2 : run.Options.Seconds)));
        await Task.Delay(Rest);
        if (isWarmUp)
        {
            return;
        }

        Figures.Add(subject.Name, Column.Cpu, (subject.CpuSeconds - cpu) / latencies.Length * 1_000_000);
        Figures.Add(subject.Name, Column.Rate, latencies.Length / run.Options.Seconds);
        Figures.Add(subject.Name, Column.P50, Samples.Percentile(latencies, 50));
        Figures.Add(subject.Name, Column.P99, Samples.Percentile(latencies, 99));
        Figures.Add(subject.Name, Column.P999, Samples.Percentile(latencies, 99.9));
    }
}

/// <summary>Many concurrent streams.</summary>
internal sealed class StreamWorkload(string name, string title, int count, TimeSpan opening, int chunks, double rate, Func<Subject, bool> suits) : Workload(name, title)
{
    // Each turn takes many seconds.
    protected override int MaxTurns => 3;

    protected override Load Warmth => new(Bodies.Stream, 8, "bench chunks=200");

    public override bool Suits(Subject subject) => suits(subject);

    public override async Task TakeAsync(Run run, Subject subject, bool isWarmUp)
    {
        var result = await StreamLoad.RunAsync(subject, isWarmUp ? Math.Min(count, 200) : count, isWarmUp ? TimeSpan.FromSeconds(0.5) : opening, isWarmUp ? 20 : chunks, isWarmUp ? 20 : rate);
        if (isWarmUp)
        {
            return;
        }

        Figures.Add(subject.Name, Column.FirstByteP50, Samples.Percentile(result.FirstBytes, 50));
        Figures.Add(subject.Name, Column.FirstByteP99, Samples.Percentile(result.FirstBytes, 99));
        Figures.Add(subject.Name, Column.WayP50, Samples.Percentile(result.Ways, 50));
        Figures.Add(subject.Name, Column.WayP99, Samples.Percentile(result.Ways, 99));
        if (count >= 1_000)
        {
            Figures.Add(subject.Name, Column.Resident, result.BytesEach / 1024);
            if (result.HeapEach is { } heap)
            {
                Figures.Add(subject.Name, Column.Heap, heap / 1024);
            }
        }
    }
}

/// <summary>Time from starting another process of a subject to its first complete response through the provider.</summary>
internal sealed class StartWorkload(Func<Subject, bool> suits) : Workload("start", "Time from the start to the first chat response; the edge already has a project in its database")
{
    private const int Port = 18209;

    protected override Load? Warmth => null;

    public override bool Suits(Subject subject) => suits(subject);

    public override async Task TakeAsync(Run run, Subject subject, bool isWarmUp)
    {
        var seconds = await MeasureAsync(subject);
        if (!isWarmUp)
        {
            Figures.Add(subject.Name, Column.Start, seconds);
        }
    }

    private static async Task<double> MeasureAsync(Subject subject)
    {
        using var child = subject.Again!(Port);
        var began = Stopwatch.GetTimestamp();
        using var client = new HttpClient();
        while (!child.HasExited)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{Port}/v1/chat/completions") { Content = new ByteArrayContent(Bodies.Small) };
                request.Content.Headers.ContentType = new("application/json");
                request.Headers.Authorization = new("Bearer", subject.Key);
                using var response = await client.SendAsync(request);
                _ = await response.Content.ReadAsByteArrayAsync();
                if (response.IsSuccessStatusCode)
                {
                    return Stopwatch.GetElapsedTime(began).TotalSeconds;
                }
            }
            catch (HttpRequestException)
            {
            }

            await Task.Delay(2);
        }

        throw new BenchException($"{subject.Name} did not start again.");
    }
}
