using Cencori.Edge.Policies;

namespace Cencori.Edge.Dashboard.Policies;

/// <summary>Rules to begin with. All of them only count.</summary>
/// <param name="Id">In forms.</param>
/// <param name="Label">What a button says.</param>
/// <param name="Rules">What they are called, and what they look for.</param>
internal sealed record RuleTemplate(string Id, string Label, IReadOnlyList<(string Name, PolicyKind Kind)> Rules)
{
    public static IReadOnlyList<RuleTemplate> All { get; } =
    [
        new("personal", "Personal data (count only)", [("E-mail", PolicyKind.Email), ("Phone", PolicyKind.Phone), ("Card", PolicyKind.Card), ("IBAN", PolicyKind.Iban), ("US social security number", PolicyKind.Ssn)]),
        new("secrets", "Secrets (count only)", [("API key", PolicyKind.ApiKey), ("Web token", PolicyKind.Jwt), ("Private key", PolicyKind.PrivateKey)]),
    ];

    /// <summary>Those of which a project has nothing yet.</summary>
    public static IEnumerable<RuleTemplate> MissingIn(List<PolicyDocument.Rule> rules) => All.Where(set => !set.Rules.Any(one => rules.Exists(rule => rule.Kind == one.Kind)));

    /// <summary>These, and of the set those whose kind nobody looks for yet.</summary>
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
