namespace Cencori.Edge.Bench;

/// <summary>One comparison: the same load on several subjects by turns.</summary>
internal abstract class Workload(string name, string title)
{
    /// <summary>After a load: records of the last requests are stored by then, and not in the turn of another subject.</summary>
    protected static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(500);

    /// <summary>As <c>--only</c> knows it.</summary>
    public string Name => name;

    /// <summary>As its table is headed.</summary>
    public string Title => title;

    /// <summary>Figures by subject and column.</summary>
    public Figures Figures { get; } = new();

    /// <summary>More are not taken, whatever is asked for.</summary>
    protected virtual int MaxTurns => int.MaxValue;

    /// <summary>What a subject is to be warm to before the first turn; null where it is measured cold.</summary>
    protected abstract Load? Warmth { get; }

    /// <summary>What it needs before its first turn.</summary>
    public virtual Task PrepareAsync(Run run, IReadOnlyList<Subject> subjects) => Task.CompletedTask;

    /// <summary>Whether it is put on a subject.</summary>
    public abstract bool Suits(Subject subject);

    /// <summary>One turn on one subject.</summary>
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
            // Each begins in its turn, since the first of a turn has no other's last work beside its own.
            for (var number = 0; number < suited.Length; number++)
            {
                var subject = suited[(number + Math.Max(0, turn - 1)) % suited.Length];
                Run.Say($"{Name}: {(turn == 0 ? "warm-up" : $"turn {turn}/{turns}")}, {subject.Name}");
                await TakeAsync(run, subject, isWarmUp: turn == 0);
            }
        }
    }

    // On one core, code that is compiled again as it runs takes long to become what it will be.
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
