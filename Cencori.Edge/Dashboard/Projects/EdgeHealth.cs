namespace Cencori.Edge.Dashboard.Projects;

/// <summary>The findings of <c>/health/ready</c> for the projects page.</summary>
/// <param name="AskAsync">Runs the checks. Returns within about a second and throws nothing.</param>
public sealed record EdgeHealth(Func<ValueTask<IReadOnlyList<HealthWord>>> AskAsync);

/// <param name="Name">The name of the check.</param>
/// <param name="Status">The state in one word.</param>
/// <param name="IsGood">False: the finding needs attention.</param>
public sealed record HealthWord(string Name, string Status, bool IsGood);
