using Cencori.Edge.Bench.Subjects;

namespace Cencori.Edge.Bench.Loads;

/// <summary>One comparison: the same load on several subjects in turns.</summary>
internal abstract class Workload(string name, string title)
{
    /// <summary>Pause after a load, so that storing its last records does not fall into another subject's turn.</summary>
    protected static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(500);

    /// <summary>The name for <c>--only</c>.</summary>
    public string Name => name;

    /// <summary>The heading of its table.</summary>
    public string Title => title;

    /// <summary>Figures by subject and column.</summary>
    public Figures Figures { get; } = new();

    /// <summary>Maximum number of turns, whatever the options say.</summary>
    protected virtual int MaxTurns => int.MaxValue;

    /// <summary>The load for the warm-up before the first turn; null: measured cold.</summary>
    protected abstract Load? Warmth { get; }

    /// <summary>Prepares the workload before its first turn.</summary>
    public virtual Task PrepareAsync(Run run, IReadOnlyList<Subject> subjects) => Task.CompletedTask;

    /// <summary>True: the workload runs on this subject.</summary>
    public abstract bool Suits(Subject subject);

    /// <summary>Runs one turn on one subject.</summary>
    public abstract Task TakeAsync(Run run, Subject subject, bool isWarmUp);

    public async Task MeasureAsync(Run run, IReadOnlyList<Subject> subjects)
    {
        var suited = subjects.Where(Suits).ToArray();
        foreach (var subject in suited)
        {
            await WarmUpAsync(run, subject);
        }

        await PrepareAsync(run, suited);
        var turns = Math.Min(run.Options.Turns, MaxTurns);
        for (var turn = 0; turn <= turns; turn++)
        {
            // Each turn starts with another subject, because background work of one subject can slow down the next.
            for (var number = 0; number < suited.Length; number++)
            {
                var subject = suited[(number + Math.Max(0, turn - 1)) % suited.Length];
                Run.Say($"{Name}: {(turn == 0 ? "warm-up" : $"turn {turn}/{turns}")}, {subject.Name}");
                await TakeAsync(run, subject, isWarmUp: turn == 0);
            }
        }
    }

    // On one core, tiered compilation takes long to finish.
    private async Task WarmUpAsync(Run run, Subject subject)
    {
        if (run.Options.WarmUpSeconds > 0 && Warmth is { } load && subject.IsFirst(load))
        {
            Run.Say($"{Name}: warm-up of {run.Options.WarmUpSeconds} s, {subject.Name}");
            await Wrk.RunAsync(run, subject, load, [subject.Key], run.Options.WarmUpSeconds);
            await Task.Delay(Rest);
        }
    }
}
