using Cencori.Edge.Policies;

namespace Cencori.Edge.Dashboard.Policies;

/// <summary>A set of rules that a user can add to a project with one button. Its rules only count findings.</summary>
/// <param name="Id">The id in forms.</param>
/// <param name="Label">The button's text.</param>
/// <param name="Rules">Names and kinds of the rules.</param>
internal sealed record RuleTemplate(string Id, string Label, IReadOnlyList<(string Name, PolicyKind Kind)> Rules)
{
    public static IReadOnlyList<RuleTemplate> All { get; } =
    [
        new("personal", "Personal data (count only)", [("E-mail", PolicyKind.Email), ("Phone", PolicyKind.Phone), ("Card", PolicyKind.Card), ("IBAN", PolicyKind.Iban), ("US social security number", PolicyKind.Ssn)]),
        new("secrets", "Secrets (count only)", [("API key", PolicyKind.ApiKey), ("Web token", PolicyKind.Jwt), ("Private key", PolicyKind.PrivateKey)]),
    ];

    /// <summary>The sets that can be added: the project has no rule of their kinds yet.</summary>
    public static IEnumerable<RuleTemplate> MissingIn(List<PolicyDocument.Rule> rules) => All.Where(set => !set.Rules.Any(one => rules.Exists(rule => rule.Kind == one.Kind)));

    /// <summary>Returns the existing rules, plus each rule of the set whose kind the project does not have.</summary>
    public List<PolicyDocument.Rule> AddTo(List<PolicyDocument.Rule> rules)
    {
        List<PolicyDocument.Rule> all = [.. rules];
        foreach (var (name, kind) in Rules.Where(one => !rules.Exists(rule => rule.Kind == one.Kind)))
        {
            var id = PolicyIds.Of(name);
            all.Add(new() { Id = all.Exists(rule => rule.Id == id) ? $"{id}_{PolicyText.WordOf(kind)}" : id, Name = name, Kind = kind, Action = PolicyAction.Monitor });
        }

        return all;
    }
}
