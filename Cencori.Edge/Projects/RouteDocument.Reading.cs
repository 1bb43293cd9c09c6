using System.Collections.Immutable;
using System.Text.Json;
using Cencori.Edge.Models;

namespace Cencori.Edge.Projects;

/// <summary>Converts between a route's JSON document and <see cref="ModelRoute"/>.</summary>
public sealed partial record RouteDocument
{
    private const string Base = "/v1";

    /// <summary>Parses the JSON that <see cref="Write"/> returned.</summary>
    /// <exception cref="JsonException">The JSON is not a route document.</exception>
    public static RouteDocument Parse(string json) => JsonSerializer.Deserialize<RouteDocument>(json, Json) ?? throw new JsonException("The route document is null.");

    /// <summary>Formats the document as the JSON that the database stores.</summary>
    public string Write() => JsonSerializer.Serialize(this, Json);

    /// <summary>Creates the normalized document of a route. Members that decide where requests go are included even if they have their default values.</summary>
    public static RouteDocument Of(ModelRoute route) => new()
    {
        When = Some(route.Rules, rule => new Rule { If = Of(rule.If), Groups = Of(rule.Groups) }),
        Groups = Of(route.Groups),
        Attempts = route.Attempts,
        Uncertain = route.Uncertain,
        FirstByteSeconds = (int)route.FirstByte.TotalSeconds,
        MaxWaitSeconds = (int)route.MaxWait.TotalSeconds,
        Affinity = route.KeepsPrompts ? Keeping.Prompt : Keeping.None,
        OnOverflow = route.Overflow,
        Shadow = route.Shadow is { } shadow ? new() { Model = $"{shadow.Target.Provider}/{shadow.Target.Model}", Share = shadow.Share, MonthlyUsd = shadow.MonthlyUsd } : null,
    };

    /// <summary>Converts the document to a route.</summary>
    /// <exception cref="FormatException">A model has no provider prefix.</exception>
    public ModelRoute ToRoute(string name) => new()
    {
        Name = name,
        Rules = [.. (When ?? []).Select(rule => new RouteRule(ToCondition(rule.If), ToGroups(rule.Groups)))],
        Groups = ToGroups(Groups),
        Attempts = Attempts ?? ModelRoute.DefaultAttempts,
        Uncertain = Uncertain ?? UncertainRepeat.Once,
        FirstByte = FirstByteSeconds is { } firstByte ? TimeSpan.FromSeconds(firstByte) : ModelRoute.DefaultFirstByte,
        MaxWait = TimeSpan.FromSeconds(MaxWaitSeconds ?? 0),
        KeepsPrompts = Affinity == Keeping.Prompt,
        Overflow = OnOverflow ?? OverflowRule.Refuse,
        Shadow = Shadow is { } shadow ? new(TargetOf(shadow.Model) ?? throw new FormatException("A model must have its provider before it, as in 'provider/model'."), shadow.Share ?? RouteShadow.DefaultShare, shadow.MonthlyUsd) : null,
    };

    /// <summary>Parses <c>provider/model</c> or <c>provider:model</c>. Returns null if the text has no provider.</summary>
    public static RouteTarget? TargetOf(string model)
    {
        // A request may use either separator between the provider and the model.
        var separator = model.AsSpan().IndexOfAny('/', ':');
        return separator > 0 && separator < model.Length - 1 ? new RouteTarget(model[..separator], model[(separator + 1)..]) : null;
    }

    /// <summary>Removes <c>/v1</c> and slashes at the end from a request path, so that paths can be compared.</summary>
    public static string EndpointOf(string path)
    {
        path = path.TrimEnd('/');
        return path.StartsWith($"{Base}/", StringComparison.OrdinalIgnoreCase) ? path[Base.Length..] : path;
    }

    private static List<Group> Of(ImmutableArray<RouteGroup> groups) => [.. groups.Select(group => new Group
    {
        Balance = group.Balance,
        AutoStop = group.Balance == RouteBalance.Split ? group.AutoStop : null,
        Targets = [.. group.Targets.Select(target => new Target
        {
            Model = $"{target.Provider}/{target.Model}",
            Weight = target.Weight,
            Without = Of(target.Without),
            ContextTokens = target.ContextTokens,
        })],
    })];

    private static Condition Of(RouteCondition condition) => new()
    {
        InputTokens = condition is { InputOver: null, InputUnder: null } ? null : new() { Over = condition.InputOver, Under = condition.InputUnder },
        Stream = condition.Stream,
        Has = Of(condition.Has),
        Endpoints = Some(condition.Endpoints, value => value),
        Keys = Some(condition.Keys, value => value),
        Environment = condition.Environment,
        Agents = Some(condition.Agents, value => value),
        Users = Some(condition.Users, value => value),
        Headers = Of(condition.Headers),
        Metadata = Of(condition.Metadata),
    };

    private static Dictionary<string, List<string>>? Of(ImmutableArray<NamedValues> named) =>
        named.IsEmpty ? null : named.ToDictionary(one => one.Name, one => one.Values.ToList(), StringComparer.Ordinal);

    private static List<Ability>? Of(ModelAbilities abilities) =>
        abilities == ModelAbilities.None ? null : [.. Enum.GetValues<Ability>().Where(ability => abilities.HasFlag(ToAbilities([ability])))];

    private static List<TOut>? Some<TIn, TOut>(ImmutableArray<TIn> items, Func<TIn, TOut> convert) => items.IsEmpty ? null : [.. items.Select(convert)];

    private static ImmutableArray<RouteGroup> ToGroups(List<Group> groups) =>
        [.. groups.Select(group => new RouteGroup(group.Balance ?? RouteBalance.Weighted, [.. group.Targets.Select(ToTarget)]) { AutoStop = group.AutoStop ?? true })];

    private static RouteTarget ToTarget(Target target) => (TargetOf(target.Model) ?? throw new FormatException("A model must have its provider before it, as in 'provider/model'.")) with
    {
        Weight = target.Weight ?? RouteTarget.DefaultWeight,
        Without = ToAbilities(target.Without),
        ContextTokens = target.ContextTokens,
    };

    private static RouteCondition ToCondition(Condition condition) => new()
    {
        InputOver = condition.InputTokens?.Over,
        InputUnder = condition.InputTokens?.Under,
        Stream = condition.Stream,
        Has = ToAbilities(condition.Has),
        Endpoints = [.. (condition.Endpoints ?? []).Select(EndpointOf).Distinct()],
        Keys = [.. (condition.Keys ?? []).Distinct()],
        Environment = condition.Environment,
        Agents = [.. (condition.Agents ?? []).Distinct()],
        Users = [.. (condition.Users ?? []).Distinct()],
        Headers = [.. (condition.Headers ?? []).Select(one => new NamedValues(one.Key.ToLowerInvariant(), [.. one.Value.Distinct()])).OrderBy(one => one.Name, StringComparer.Ordinal)],
        Metadata = [.. (condition.Metadata ?? []).Select(one => new NamedValues(one.Key, [.. one.Value.Distinct()])).OrderBy(one => one.Name, StringComparer.Ordinal)],
    };

    private static ModelAbilities ToAbilities(List<Ability>? abilities) => (abilities ?? []).Aggregate(ModelAbilities.None, (all, ability) => all | ability switch
    {
        Ability.Tools => ModelAbilities.Tools,
        Ability.Images => ModelAbilities.Images,
        Ability.Audio => ModelAbilities.Audio,
        Ability.JsonSchema => ModelAbilities.JsonSchema,
        _ => throw new ArgumentOutOfRangeException(nameof(abilities)),
    });
}
