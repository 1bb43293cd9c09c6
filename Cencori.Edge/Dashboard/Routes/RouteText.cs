using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Projects;
using Cencori.Edge.Routing.Routes;

namespace Cencori.Edge.Dashboard.Routes;

/// <summary>Describes routes in words for the dashboard. <see cref="SafeText"/> escapes harmful characters in names that users have entered.</summary>
internal static class RouteText
{
    private const int MaxNamed = 3;

    /// <summary>All balances, each with its description.</summary>
    public static readonly (RouteBalance Balance, string Label)[] Balances =
    [
        (RouteBalance.Weighted, "weighted: a random target, in proportion to the weights"),
        (RouteBalance.Least, "least: the target with the fewest running requests in proportion to its weight"),
        (RouteBalance.Fast, "fast: the target with the shortest time to first byte"),
        (RouteBalance.Cheap, "cheap: the target with the lowest price"),
        (RouteBalance.Split, "split: in proportion to the weights, and always the same target for the same user"),
    ];

    public static string Path(string act, string name) => $"/routes/{act}/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString))}";

    /// <summary>Decodes %2F in a route's name from a URL: some proxies encode slashes.</summary>
    public static string Read(string route) => route.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    /// <summary>Describes whether a target is available, with the CSS class of the badge.</summary>
    public static (string Word, string? Tone) Of(ExplainedState state) => state switch
    {
        ExplainedState.Ready => ("ready", "good"),
        ExplainedState.Full => ("at its limits", "warn"),
        ExplainedState.LeftAlone => ("in cool-down", "warn"),
        ExplainedState.Stopped => ("stopped", "bad"),
        ExplainedState.UnknownProvider => ("no such provider", "bad"),
        ExplainedState.NoCredential => ("no credential", "warn"),
        ExplainedState.NotAllowed => ("not allowed to the key", "bad"),
        ExplainedState.OtherProvider => ("the request names another provider", null),
        ExplainedState.CannotDo => ("lacks an ability that the request needs", null),
        ExplainedState.TooLong => ("context too small for the request", null),
        ExplainedState.OtherVectors => ("another model's vectors", null),
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    public static string NameOf(RouteBalance balance) => balance.ToString().ToLowerInvariant();

    /// <summary>Describes all groups of a route in one line.</summary>
    public static string Line(List<RouteDocument.Group> groups) => string.Join(" → ", groups.Select(group =>
        string.Join(" · ", group.Targets.Take(MaxNamed).Select(target => $"{SafeText.Of(target.Model)}{(group.Targets.Count > 1 && Share(group, target) is { } share ? $" {share}" : "")}"))
        + (group.Targets.Count > MaxNamed ? $" and {group.Targets.Count - MaxNamed} more" : "")));

    /// <summary>A target's share of the requests. Null: its weight has no effect.</summary>
    public static string? Share(RouteDocument.Group group, RouteDocument.Target target)
    {
        var sum = group.Targets.Sum(one => one.Weight ?? RouteTarget.DefaultWeight);
        return group.Balance is RouteBalance.Fast or RouteBalance.Cheap || sum == 0 ? null : Percent(target.Weight ?? RouteTarget.DefaultWeight, sum);
    }

    /// <summary>The share of requests that are copied to the shadow model.</summary>
    public static string Share(RouteDocument.Copies shadow) => Percent((long)Math.Round((shadow.Share ?? RouteShadow.DefaultShare) * 10_000), 10_000);

    /// <summary>The conditions for a request, one per line.</summary>
    public static IEnumerable<string> Lines(RouteDocument.Condition condition)
    {
        if (condition.InputTokens is { } tokens)
        {
            yield return string.Join(" and ", new[] { tokens.Over is { } over ? $"over {Numbers.Exact(over)}" : null, tokens.Under is { } under ? $"under {Numbers.Exact(under)}" : null }.OfType<string>()) + " input tokens";
        }

        if (condition.Stream is { } stream)
        {
            yield return stream ? "a stream is requested" : "no stream is requested";
        }

        if (condition.Has is { Count: > 0 } has)
        {
            yield return $"the request needs {string.Join(" and ", has.Select(ability => ability == RouteDocument.Ability.JsonSchema ? "a JSON schema" : ability.ToString().ToLowerInvariant()))}";
        }

        if (condition.Environment is { } environment)
        {
            yield return $"a {environment.ToString().ToLowerInvariant()} key";
        }

        foreach (var (what, values) in new[] { ("endpoint", condition.Endpoints), ("key", condition.Keys), ("agent", condition.Agents), ("user", condition.Users) })
        {
            if (values is { Count: > 0 })
            {
                yield return $"{what} {Of(values)}";
            }
        }

        foreach (var (what, named) in new[] { ("header", condition.Headers), ("metadata", condition.Metadata) })
        {
            foreach (var (name, values) in named ?? [])
            {
                yield return values.Count == 0 ? $"{what} {SafeText.Of(name)} is present" : $"{what} {SafeText.Of(name)} is {Of(values)}";
            }
        }
    }

    private static string Of(List<string> values) => string.Join(" or ", values.Take(MaxNamed).Select(value => SafeText.Of(value))) + (values.Count > MaxNamed ? $" or {values.Count - MaxNamed} more" : "");

    private static string Percent(long part, long whole)
    {
        var percent = 100m * part / whole;
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{percent:0.#} %");
    }
}
