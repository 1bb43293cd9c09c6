using Cencori.Edge.Admin.Logs;
using Cencori.Edge.Admin.Policies;
using Cencori.Edge.Dashboard.Logs;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Dashboard.Policies;

/// <param name="Policies">As they are now.</param>
/// <param name="Report">Of the last seven days. Null: the database is busy.</param>
/// <param name="Settings">Of the form with what holds for all rules.</param>
/// <param name="Problem">Why what was just asked for has not been done. Null: nothing was.</param>
public sealed record PoliciesModel(PolicyView Policies, PolicyReport? Report, FormState Settings, string? Problem = null)
{
    /// <summary>What a rule has found in all. Null: nothing, or nobody knows.</summary>
    public (long Hits, DateTimeOffset LastAt)? FoundBy(string? rule) => Report?.Rules.FindAll(one => one.Rule == rule) is { Count: > 0 } found ? (found.Sum(one => one.Hits), found.Max(one => one.LastAt)) : null;
}

/// <param name="Rule">Its id. Null: it is a new one.</param>
/// <param name="State">Of the form.</param>
/// <param name="Now">What somebody else has made of it in the meantime. Null: nothing.</param>
public sealed record RuleFormModel(string? Rule, FormState State, string? Now = null);

/// <param name="Rule">That is to go.</param>
/// <param name="Tag">Of it.</param>
/// <param name="IsLast">No other rule is switched on.</param>
public sealed record DeleteRuleModel(PolicyDocument.Rule Rule, string Tag, bool IsLast);

/// <param name="State">Of the form.</param>
/// <param name="Names">Of the rules, by id.</param>
/// <param name="Told">Null: nothing was tested, or it cannot be.</param>
public sealed record PolicyTestModel(FormState State, IReadOnlyDictionary<string, string> Names, PolicyTestOutcome? Told);

/// <param name="Result">What would become of it.</param>
/// <param name="Read">What was looked at, with what was found.</param>
/// <param name="Sent">What would go on, with what would stand in the place of it.</param>
public sealed record PolicyTestOutcome(PolicyTestView Result, IReadOnlyList<MarkedPiece> Read, IReadOnlyList<MarkedPiece> Sent);

/// <param name="Search">What the address asks for.</param>
/// <param name="Page">The requests, the newest first.</param>
/// <param name="Report">Of the same time. Null: the database is busy.</param>
/// <param name="Names">Of the rules that there are, by id.</param>
public sealed record IncidentsModel(LogSearch Search, LogPage Page, PolicyReport? Report, IReadOnlyDictionary<string, string> Names);
