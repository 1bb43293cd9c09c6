using System.Text.RegularExpressions;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Settings;

namespace Cencori.Edge.Admin.Routes;

/// <summary>Checks the document of a route. Returns all errors, each with its path.</summary>
internal static partial class RouteChecks
{
    private const int MaxNameLength = 100;
    private const int MaxWeight = RouteTarget.MaxWeight;
    private const int MaxFirstByte = 600;
    private const int MaxWait = 30;
    private const long MaxTokens = 1_000_000_000;
    private const decimal MaxUsd = 1_000_000;

    // Maximum length of a route's JSON. All routes of a project are in memory while the project is in use.
    private const int MaxLength = 64 * 1024;

    /// <summary>Checks a route's name, which appears in URLs and in a response header. Returns null, or the error.</summary>
    public static EdgeError? Name(string? name) => name is not null && name.Length <= MaxNameLength && NameForm().IsMatch(name) ? null
        : EdgeError.Invalid($"The name of a route must have 1 to {MaxNameLength} of the characters a-z, A-Z, 0-9, '.', '_', ':', '@', '+', '-' and '/'. The name, and each part after a '/', must begin with a letter or a digit.", "name");

    public static IEnumerable<EdgeError> All(RouteDocument document, ProviderCatalog providers) =>
        Rules(document.When, providers)
            .Concat(Groups("groups", document.Groups, providers))
            .Concat(Range("attempts", document.Attempts, 1, ModelRoute.MaxAttempts))
            .Concat(Range("first_byte_seconds", document.FirstByteSeconds, 1, MaxFirstByte))
            .Concat(Range("max_wait_seconds", document.MaxWaitSeconds, 0, MaxWait))
            .Concat(Shadow(document.Shadow, providers))
            .Concat(document.Write().Length > MaxLength ? [EdgeError.Invalid($"A route must have at most {MaxLength} characters as JSON.")] : Array.Empty<EdgeError>());

    private static IEnumerable<EdgeError> Shadow(RouteDocument.Copies? shadow, ProviderCatalog providers)
    {
        if (shadow is null)
        {
            yield break;
        }

        if (Model("shadow.model", shadow.Model, providers) is { } problem)
        {
            yield return problem;
        }

        if (shadow.Share is <= 0 or > 1)
        {
            yield return At("shadow.share", "it must be above 0 and at most 1: 0.05 is one request of twenty.");
        }

        if (shadow.MonthlyUsd is <= 0 or > MaxUsd)
        {
            yield return At("shadow.monthly_usd", $"it must be above 0 and at most {MaxUsd}.");
        }
    }

    private static IEnumerable<EdgeError> Rules(List<RouteDocument.Rule>? rules, ProviderCatalog providers)
    {
        if (rules is null)
        {
            return [];
        }

        return rules.Count > ModelRoute.MaxRules ? [At("when", $"a route must have at most {ModelRoute.MaxRules} rules.")]
            : rules.SelectMany((rule, index) => rule is null ? [Null($"when[{index}]")]
                : ConditionChecks.All($"when[{index}].if", rule.If).Concat(Groups($"when[{index}].groups", rule.Groups, providers)));
    }

    private static IEnumerable<EdgeError> Groups(string place, List<RouteDocument.Group> groups, ProviderCatalog providers) =>
        groups.Count is 0 or > ModelRoute.MaxGroups ? [At(place, $"there must be 1 to {ModelRoute.MaxGroups} groups.")]
        : groups.SelectMany((group, index) => group is null ? [Null($"{place}[{index}]")]
            : group.AutoStop is not null && group.Balance != RouteBalance.Split ? [At($"{place}[{index}].auto_stop", "it needs \"balance\": \"split\".")]
            : Targets($"{place}[{index}].targets", group.Targets, providers));

    private static IEnumerable<EdgeError> Targets(string place, List<RouteDocument.Target> targets, ProviderCatalog providers)
    {
        if (targets.Count is 0 or > ModelRoute.MaxTargets)
        {
            yield return At(place, $"a group must have 1 to {ModelRoute.MaxTargets} targets.");
            yield break;
        }

        var seen = new HashSet<(string, string)>();
        for (var index = 0; index < targets.Count; index++)
        {
            var at = $"{place}[{index}]";
            if (targets[index] is not { } target)
            {
                yield return Null(at);
                continue;
            }

            if (Model($"{at}.model", target.Model, providers) is { } problem)
            {
                yield return problem;
            }
            else if (RouteDocument.TargetOf(target.Model) is { } meant && !seen.Add((meant.Provider, meant.Model)))
            {
                yield return At($"{at}.model", $"'{target.Model}' is in this group already. Use one target with the sum of both weights.");
            }

            foreach (var wrong in Range($"{at}.weight", target.Weight, 0, MaxWeight).Concat(Range($"{at}.context_tokens", target.ContextTokens, 1, MaxTokens)))
            {
                yield return wrong;
            }
        }
    }

    private static EdgeError? Model(string place, string model, ProviderCatalog providers)
    {
        if (!Checks.IsModel(model) || model.Contains('*'))
        {
            return At(place, $"a model's name must have 1 to {Checks.MaxModelLength} characters, none of them a control character or '*'.");
        }

        if (RouteDocument.TargetOf(model) is not { } target)
        {
            return At(place, $"write 'provider/model'.{(providers.Models.Find(model) is [var first, ..] ? $" '{first.Id}/{model}' may be meant." : "")}");
        }

        return providers.Find(target.Provider) is null ? At(place, $"there is no provider '{target.Provider}'.{NearestName.Suggest(target.Provider, providers.All.Select(provider => provider.Id))}") : null;
    }

    internal static IEnumerable<EdgeError> Range(string place, long? value, long min, long max) =>
        value < min || value > max ? [At(place, $"it must be {min} to {max}.")] : [];

    internal static EdgeError At(string place, string message) => EdgeError.Invalid($"{place}: {message}", place);

    internal static EdgeError Null(string place) => At(place, "it must not be null.");

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._:@+-]*(/[A-Za-z0-9][A-Za-z0-9._:@+-]*)*\z")]
    private static partial Regex NameForm();
}
