using Cencori.Edge.Policies.Detectors.Attacks;
using Cencori.Edge.Policies.Detectors.OwnRules;
using Cencori.Edge.Policies.Detectors.PersonalData;
using PhoneNumbers;

namespace Cencori.Edge.Policies;

/// <summary>Validates a policy document from any source.</summary>
public static class PolicyChecks
{
    /// <summary>Maximum number of rules of one project.</summary>
    public const int MaxRules = 100;

    /// <summary>Default of <c>max_match</c>: length of the longest match of a pattern, in characters.</summary>
    public const int DefaultMaxMatch = 128;

    /// <summary>Default of <c>min_score</c>: the score from which a text counts as an injection.</summary>
    public const double DefaultMinScore = InjectionDetector.DefaultMinScore;

    private const int MaxPatterns = 50;
    private const int MaxName = 100;
    private const int MaxShown = 80;
    private const int MaxAllow = 200;
    private const int MaxWords = 1_000;
    private const int MaxWord = 200;
    private const int MinCanaryLength = 8;
    private const int LargestMaxMatch = 4_096;

    private static readonly string[] Regions = [.. NationalNumbers.All.Select(static number => number.Region)];

    /// <summary>Returns the problem of the first invalid rule, and its field. Null: the document is valid.</summary>
    public static (string Message, string Field)? Check(PolicyDocument document)
    {
        if (document.Rules.Count > MaxRules)
        {
            return ($"A project must not have more than {MaxRules} rules.", "rules");
        }

        if (document.Rules.Count(static rule => rule?.Kind == PolicyKind.Pattern) > MaxPatterns)
        {
            return ($"A project must not have more than {MaxPatterns} rules of the kind 'pattern'.", "rules");
        }

        if (document.Rules.Count(static rule => rule?.Kind == PolicyKind.Guardrail) > Guardrail.MaxOfProject)
        {
            return ($"A project must not have more than {Guardrail.MaxOfProject} rules of the kind 'guardrail'.", "rules");
        }

        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < document.Rules.Count; i++)
        {
            var place = $"rules[{i}]";
            if (document.Rules[i] is not { } rule)
            {
                return ($"{place} is null.", place);
            }

            if (Check(rule) is var (message, field))
            {
                return ($"{place} ({NameOf(rule)}): {message}", $"{place}.{field}");
            }

            var id = rule.Id ?? PolicyIds.Of(rule.Name);
            if (!ids.Add(id))
            {
                return ($"{place} ({NameOf(rule)}): another rule has this id, '{id}'. Choose another id or name: if a rule has no id, the edge derives it from the name.", $"{place}.{(rule.Id is null ? "name" : "id")}");
            }
        }

        return document.Webhook?.Check();
    }

    private static (string Message, string Field)? Check(PolicyDocument.Rule rule) =>
        rule.Name.Length > MaxName || rule.Name.Any(char.IsControl) || string.IsNullOrWhiteSpace(PolicySet.FoldWord(rule.Name)) ? ($"name must have 1 to {MaxName} characters, at least one of them visible, and no control characters.", "name")
        : rule.Id is { } id && !PolicyIds.IsId(id) ? ($"id must have 1 to {PolicyIds.Longest} letters, digits, '-' and '_'.", "id")
        : rule.Roles is { } roles && (roles.Count == 0 || roles.Distinct().Count() < roles.Count) ? ("roles must name at least one role, and each only once.", "roles")
        : rule.Allow is { } allow && (allow.Count > MaxAllow || allow.Exists(static text => text is not { Length: > 0 and <= MaxWord } || text == "*" || text.LastIndexOf('*') > 0)) ? ($"allow must have at most {MaxAllow} texts of 1 to {MaxWord} characters, each an exact text, or an ending after a '*'.", "allow")
        : CheckAction(rule) ?? CheckForeign(rule) ?? CheckKind(rule);

    private static string NameOf(PolicyDocument.Rule rule) => rule.Name.Length <= MaxShown ? rule.Name : rule.Name[..MaxShown] + "…";

    private static (string Message, string Field)? CheckAction(PolicyDocument.Rule rule) => (rule.Kind, rule.Action) switch
    {
        (PolicyKind.Injection or PolicyKind.ExfiltrationLink or PolicyKind.Canary or PolicyKind.OwnKey or PolicyKind.Guardrail, PolicyAction.Tokenize) => ("action must be 'off', 'monitor', 'mask' or 'block' for this kind: its findings must not be restored in the response.", "action"),
        (_, PolicyAction.Tokenize) when rule.Stage == PolicyStage.Output => ("action 'tokenize' needs stage 'input' or 'both': it restores in the response what was replaced in the request.", "stage"),
        (PolicyKind.Injection, _) when rule.Stage is PolicyStage.Output or PolicyStage.Both => ("stage must be 'input' for this kind: it scans only texts sent to a model.", "stage"),
        _ => null,
    };

    // A field that belongs to another kind of rule has no effect, so it is reported as a mistake.
    private static (string Message, string Field)? CheckForeign(PolicyDocument.Rule rule)
    {
        (string Field, bool IsThere, PolicyKind Kind)[] fields =
        [
            ("words", rule.Words is not null, PolicyKind.Words), ("threshold", rule.Threshold is not null, PolicyKind.Words),
            ("pattern", rule.Pattern is not null, PolicyKind.Pattern), ("ignore_case", rule.IgnoreCase is not null, PolicyKind.Pattern), ("max_match", rule.MaxMatch is not null, PolicyKind.Pattern),
            ("regions", rule.Regions is not null, PolicyKind.NationalId), ("default_region", rule.DefaultRegion is not null, PolicyKind.Phone),
            ("canary", rule.Canary is not null, PolicyKind.Canary), ("min_score", rule.MinScore is not null, PolicyKind.Injection),
            ("guardrail", rule.Guardrail is not null, PolicyKind.Guardrail),
        ];
        foreach (var (field, isThere, kind) in fields)
        {
            if (isThere && rule.Kind != kind)
            {
                return ($"{field} must be omitted: it belongs only to rules of the kind '{PolicySet.LabelOf(kind).ToLowerInvariant()}'.", field);
            }
        }

        return null;
    }

    private static (string Message, string Field)? CheckKind(PolicyDocument.Rule rule) => rule.Kind switch
    {
        PolicyKind.Words when rule.Words is not { Count: > 0 and <= MaxWords } words || words.Exists(static word => word is not { Length: <= MaxWord } || string.IsNullOrWhiteSpace(word)) =>
            ($"words must have 1 to {MaxWords} words or phrases of 1 to {MaxWord} characters.", "words"),
        PolicyKind.Words when rule.Words!.Find(static word => string.IsNullOrWhiteSpace(PolicySet.FoldWord(word))) is not null => ("words: each of them must have a visible character.", "words"),
        PolicyKind.Words when rule.Threshold is { } threshold && (threshold < 1 || threshold > WordsDetector.Different(rule.Words!.Select(PolicySet.FoldWord))) =>
            ("threshold must be from 1 to the number of different words. Words that differ only in case count once.", "threshold"),
        PolicyKind.Pattern when rule.Pattern is null => ("pattern is missing.", "pattern"),
        PolicyKind.Pattern when rule.MaxMatch is < 1 or > LargestMaxMatch => ($"max_match must be from 1 to {LargestMaxMatch}.", "max_match"),
        PolicyKind.Pattern when PatternChecks.Problem(rule.Pattern!) is { } problem => (problem, "pattern"),
        PolicyKind.Pattern when PatternLength.MinLength(rule.Pattern!) is var min && min > (rule.MaxMatch ?? DefaultMaxMatch) => ($"max_match must be at least {min}, the length of the shortest match of pattern. It is {rule.MaxMatch ?? DefaultMaxMatch}.", "max_match"),
        PolicyKind.NationalId when rule.Regions is not { Count: > 0 } => ($"regions must name at least one country of {string.Join(", ", Regions)}.", "regions"),
        PolicyKind.NationalId when rule.Regions!.Find(static region => !Regions.Contains(region)) is { } unknown => ($"regions must name only these countries: {string.Join(", ", Regions)}. '{unknown}' is not supported.", "regions"),
        PolicyKind.Phone when rule.DefaultRegion is { } region && (region.Length != 2 || PhoneNumberUtil.GetInstance().GetCountryCodeForRegion(region) == 0) => ("default_region must be a country code of two capital letters.", "default_region"),
        PolicyKind.Canary when rule.Canary is not { Length: >= MinCanaryLength and <= MaxWord } || PolicySet.FoldWord(rule.Canary).Trim().Length < MinCanaryLength => ($"canary must have {MinCanaryLength} to {MaxWord} characters.", "canary"),
        PolicyKind.Guardrail => GuardrailChecks.Check(rule),
        PolicyKind.Injection when rule.MinScore is < 0.1 or > 1 => ("min_score must be from 0.1 to 1.", "min_score"),
        _ => null,
    };
}
