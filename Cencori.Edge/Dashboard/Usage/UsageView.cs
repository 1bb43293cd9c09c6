using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Metrics;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Usage;

/// <summary>The period, grouping and filters that the URL of the usage page selects.</summary>
public sealed class UsageView
{
    private const int MaxFilters = 20;
    private const int LongestFilter = 200;

    private static readonly string[] Filters = ["model", "provider", "key", "agent"];

    private UsageView(Period period, UsageGroup group, KeyEnvironment? environment, PageQuery query, IReadOnlyList<string> ignored) =>
        (Period, Group, Environment, Query, Ignored) = (period, group, environment, query, ignored);

    public Period Period { get; }

    public UsageGroup Group { get; }

    public KeyEnvironment? Environment { get; }

    /// <summary>The URL parameters of this view, for links; default values are left out.</summary>
    public PageQuery Query { get; }

    /// <summary>Sentences about parameters that could not be parsed.</summary>
    public IReadOnlyList<string> Ignored { get; }

    /// <summary>The groupings: the word in URLs, and the label.</summary>
    public static IReadOnlyList<(string Word, string Label, UsageGroup Group)> Groups { get; } =
    [
        ("model", "Model", UsageGroup.Model), ("provider", "Provider", UsageGroup.Provider), ("key", "API key", UsageGroup.Key), ("agent", "Agent", UsageGroup.Agent),
        ("environment", "Environment", UsageGroup.Environment), ("none", "Nothing", UsageGroup.None),
    ];

    /// <summary>The filters, without period and environment.</summary>
    public IEnumerable<KeyValuePair<string, string>> ActiveFilters => Query.Values.Where(pair => Filters.Contains(pair.Key));

    public static UsageView Read(IQueryCollection query, DateTimeOffset now)
    {
        var ignored = new List<string>();
        var period = Period.Read(query, now, ignored);
        var word = query["group"].ToString();
        if (word.Length > 0 && Groups.All(group => group.Word != word))
        {
            ignored.Add($"group must be one of {string.Join(", ", Groups.Select(group => group.Word))}.");
            word = "";
        }

        var kept = new PageQuery(period.Query).Set("group", word is "" or "model" ? null : word);
        KeyEnvironment? environment = null;
        if (query["env"].ToString() is { Length: > 0 } env)
        {
            environment = env switch { "production" => KeyEnvironment.Production, "test" => KeyEnvironment.Test, _ => null };
            kept = kept.Set("env", environment is null ? null : env);
            AddIf(environment is null, "env must be production or test.");
        }

        foreach (var name in Filters)
        {
            var values = query[name].OfType<string>().Where(value => value.Length > 0).Distinct().ToList();
            var good = values.Where(value => value.Length <= LongestFilter && !value.Any(char.IsControl)).Take(MaxFilters).ToList();
            AddIf(good.Count < values.Count, $"{name} may have at most {MaxFilters} values, each of at most {LongestFilter} characters.");
            kept = good.Aggregate(kept, (all, value) => all.Add(name, value));
        }

        foreach (var name in query.Keys.Where(name => !Filters.Contains(name) && name is not ("range" or "from" or "to" or "group" or "env" or "format" or "done")))
        {
            AddIf(true, $"This page has no parameter {SafeText.Of(name)}.");
        }

        return new(period, Groups.FirstOrDefault(group => group.Word == word, Groups[0]).Group, environment, kept, ignored);

        void AddIf(bool isWrong, string problem)
        {
            if (isWrong && ignored.Count < MaxFilters)
            {
                ignored.Add(problem);
            }
        }
    }

    public UsageQuery ToQuery(string projectId) => new()
    {
        ProjectId = projectId,
        From = Period.From,
        To = Period.To,
        Step = StepOf(Period.Length),
        Group = Group,
        Environment = Environment,
        Models = Of("model"),
        Providers = Of("provider"),
        Keys = Of("key"),
        Agents = Of("agent"),
    };

    public IReadOnlyList<string> Of(string filter) => [.. Query.Values.Where(pair => pair.Key == filter).Select(pair => pair.Value)];

    // Chooses a step that gives at most a few hundred points: nobody can distinguish more.
    private static UsageStep StepOf(TimeSpan length) =>
        length <= TimeSpan.FromHours(3) ? UsageStep.Minute : length <= TimeSpan.FromDays(7.1) ? UsageStep.Hour : UsageStep.Day;
}
