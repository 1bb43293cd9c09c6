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
    protected virtual int MostTurns => int.MaxValue;

    /// <summary>What it needs before its first turn.</summary>
    public virtual Task PrepareAsync(Run run, IReadOnlyList<Subject> subjects) => Task.CompletedTask;

    /// <summary>Whether it is put on a subject.</summary>
    public abstract bool Suits(Subject subject);

    /// <summary>One turn on one subject.</summary>
    public abstract Task TakeAsync(Run run, Subject subject, bool isWarmUp);

    public async Task MeasureAsync(Run run, IReadOnlyList<Subject> subjects)
    {
        var suited = subjects.Where(Suits).ToArray();
        await PrepareAsync(run, suited);
        var turns = Math.Min(run.Options.Turns, MostTurns);
        for (var turn = 0; turn <= turns; turn++)
        {
            foreach (var subject in suited)
            {
                Run.Say($"{Name}: {(turn == 0 ? "warm-up" : $"turn {turn}/{turns}")}, {subject.Name}");
                await TakeAsync(run, subject, isWarmUp: turn == 0);
            }
        }
    }
}
