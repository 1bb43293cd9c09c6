using Cencori.Edge.Admin.Logs;
using Cencori.Edge.Admin.Policies;
using Cencori.Edge.Dashboard.Logs;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Dashboard.Policies;

/// <param name="Policies">The stored policies.</param>
/// <param name="Report">Findings of the last seven days. Null: the database is busy.</param>
/// <param name="Settings">State of the form with the settings for all rules.</param>
/// <param name="Problem">Why the last action failed. Null: no action has failed.</param>
public sealed record PoliciesModel(PolicyView Policies, PolicyReport? Report, FormState Settings, string? Problem = null)
{
    /// <summary>Number of findings of a rule, and the time of the last finding. Null: there are none, or the number is unknown.</summary>
    public (long Hits, DateTimeOffset LastAt)? FoundBy(string? rule) => Report?.Rules.FindAll(one => one.Rule == rule) is { Count: > 0 } found ? (found.Sum(one => one.Hits), found.Max(one => one.LastAt)) : null;
}

/// <param name="Rule">The rule's id. Null: a new rule.</param>
/// <param name="State">The form's state.</param>
/// <param name="Now">After a conflict, the stored version that somebody else has saved. Null: no conflict.</param>
public sealed record RuleFormModel(string? Rule, FormState State, string? Now = null);

/// <param name="Rule">The rule to delete.</param>
/// <param name="Tag">The rule's ETag.</param>
/// <param name="IsLast">True: the project has no other active rule.</param>
public sealed record DeleteRuleModel(PolicyDocument.Rule Rule, string Tag, bool IsLast);

/// <param name="State">The form's state.</param>
/// <param name="Names">Rule names by id.</param>
/// <param name="Outcome">The test's result. Null: no test ran.</param>
public sealed record PolicyTestModel(FormState State, IReadOnlyDictionary<string, string> Names, PolicyTestOutcome? Outcome);

/// <param name="Result">What the rules would do.</param>
/// <param name="InputPieces">The tested text with its findings marked.</param>
/// <param name="SentPieces">The text that would be sent, with replacements marked.</param>
public sealed record PolicyTestOutcome(PolicyTestView Result, IReadOnlyList<MarkedPiece> InputPieces, IReadOnlyList<MarkedPiece> SentPieces);

/// <param name="Search">The search in the URL.</param>
/// <param name="Page">The requests, newest first.</param>
/// <param name="Report">Totals for the same period. Null: the database is busy.</param>
/// <param name="Names">Names of existing rules by id.</param>
public sealed record IncidentsModel(LogSearch Search, LogPage Page, PolicyReport? Report, IReadOnlyDictionary<string, string> Names);
