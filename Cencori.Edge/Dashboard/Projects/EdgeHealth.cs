namespace Cencori.Edge.Dashboard.Projects;

/// <summary>What <c>/health/ready</c> has found out, for people.</summary>
/// <param name="AskAsync">Comes back within about a second, and throws nothing.</param>
public sealed record EdgeHealth(Func<ValueTask<IReadOnlyList<HealthWord>>> AskAsync);

/// <param name="Name">Of what was looked at.</param>
/// <param name="Status">A word.</param>
/// <param name="IsGood">Nobody need look at it.</param>
public sealed record HealthWord(string Name, string Status, bool IsGood);
