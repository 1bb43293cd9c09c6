namespace Cencori.Edge.Dashboard.Projects;

/// <summary>The findings of <c>/health/ready</c> for the projects page.</summary>
/// <param name="AskAsync">Returns within about a second and throws nothing.</param>
public sealed record EdgeHealth(Func<ValueTask<IReadOnlyList<HealthWord>>> AskAsync);

/// <param name="Name">The name of the check.</param>
/// <param name="Status">One word.</param>
/// <param name="IsGood">False: it needs attention.</param>
public sealed record HealthWord(string Name, string Status, bool IsGood);
