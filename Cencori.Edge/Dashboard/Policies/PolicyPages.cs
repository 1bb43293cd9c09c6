using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Policies;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Errors;
using Cencori.Edge.Policies;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Dashboard.Policies;

/// <summary>A project's policies: the list of rules, the settings for all rules, and the form of one rule.</summary>
internal static class PolicyPages
{
    private const string Root = "/p/{slug}/policies";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet(Root, (PageRequest page, PolicyEditor policies, PolicyReports reports) => ListAsync(page, policies, reports));
        pages.MapPost(Root, CreateAsync).WithMetadata(PageAccess.Members);
        pages.MapPost(Root + "/settings", SaveSettingsAsync).WithMetadata(PageAccess.Members);
        pages.MapPost(Root + "/webhook/test", TestWebhookAsync).WithMetadata(PageAccess.Members, new LongResponseMetadata());
        pages.MapPost(Root + "/ready", AddSetAsync).WithMetadata(PageAccess.Members);
        pages.MapGet(Root + "/new", (PageRequest page) => ShowForm(page, null, RuleForm.New())).WithMetadata(PageAccess.Members);
        pages.MapGet(Root + "/edit/{rule}", EditAsync).WithMetadata(PageAccess.Members);
        pages.MapPost(Root + "/edit/{rule}", ChangeAsync).WithMetadata(PageAccess.Members);
        pages.MapPost(Root + "/switch/{rule}", SwitchAsync).WithMetadata(PageAccess.Members);
        pages.MapGet(Root + "/delete/{rule}", AskToDeleteAsync).WithMetadata(PageAccess.Members);
        pages.MapPost(Root + "/delete/{rule}", DeleteAsync).WithMetadata(PageAccess.Members);
        PolicyTestPages.Map(pages);
        IncidentPages.Map(pages);
    }

    private static async Task<IResult> ListAsync(PageRequest page, PolicyEditor policies, PolicyReports reports, EdgeError? error = null, FormState? settings = null)
    {
        var view = (await policies.GetAsync(page.Project.Id)).Value;
        var report = view.Rules.Count == 0 ? null : await ReportAsync(page, reports, null, null);
        return Page.Show<PoliciesPage, PoliciesModel>(
            page.Frame("Policies", Section.Policies), new(view, report, settings ?? PolicySettingsForm.Of(view), settings is null ? error?.Message : null), error?.Status ?? StatusCodes.Status200OK);
    }

    /// <returns>Null: the database is busy; the page is shown without the report.</returns>
    internal static async Task<PolicyReport?> ReportAsync(PageRequest page, PolicyReports reports, DateTimeOffset? from, DateTimeOffset? to)
    {
        try
        {
            return await reports.ReadAsync(page.Project.Id, from, to, page.Aborted);
        }
        catch (DatabaseBusyException)
        {
            return null;
        }
    }

    private static async Task<IResult> SaveSettingsAsync(PageRequest page, PolicyEditor policies, PolicyReports reports)
    {
        var form = await page.FormAsync();
        try
        {
            var (view, whole) = await policies.GetAsync(page.Project.Id);
            Precondition.Tag(form["tag"]).Check(PolicySettingsForm.TagOf(view));
            await policies.ReplaceAsync(page.Actor, page.Project.Id, PolicySettingsForm.Read(form, view.Document), Precondition.Tag(whole));
            return Done(page, "saved");
        }
        catch (RefusedException refused) when (refused.Error.Kind != ErrorKind.NotFound)
        {
            var view = (await policies.GetAsync(page.Project.Id)).Value;
            return await ListAsync(
                page, policies, reports, refused.Error, FormConflict.Refused(form, PolicySettingsForm.AtField(refused.Error), PolicySettingsForm.TagOf(view), PolicySettingsForm.Secret));
        }
    }

    private static async Task<IResult> TestWebhookAsync(PageRequest page, PolicyEditor policies, PolicyReports reports, PolicyWebhookTester webhook)
    {
        var result = await webhook.TestAsync(page.Actor, page.Project.Id);
        return result.Fault is null
            ? Done(page, "webhook-took-test")
            : await ListAsync(page, policies, reports, EdgeError.Invalid($"The webhook did not accept the test. {result.Fault}", null) with { Status = StatusCodes.Status200OK });
    }

    private static async Task<IResult> AddSetAsync(PageRequest page, PolicyEditor policies)
    {
        var chosen = (await page.FormAsync())["set"].ToString();
        var set = RuleTemplate.All.FirstOrDefault(one => one.Id == chosen) ?? throw new RefusedException(EdgeError.Invalid("There is no such set of rules.", "set"));
        var (view, whole) = await policies.GetAsync(page.Project.Id);
        await policies.ReplaceAsync(page.Actor, page.Project.Id, view.Document with { Rules = set.AddTo(view.Rules) }, Precondition.Tag(whole));
        return Done(page, "rules-added");
    }

    private static async Task<IResult> CreateAsync(PageRequest page, PolicyEditor policies)
    {
        var form = await page.FormAsync();
        var (view, whole) = await policies.GetAsync(page.Project.Id);
        try
        {
            await policies.ReplaceAsync(page.Actor, page.Project.Id, view.Document with { Rules = [.. view.Rules, RuleForm.Read(form, id: null)] }, Precondition.Tag(whole));
            return Done(page, "rule-created");
        }
        catch (RefusedException refused) when (refused.Error.Kind != ErrorKind.NotFound)
        {
            var explained = refused.Error.Status == StatusCodes.Status412PreconditionFailed
                ? refused.Error with { Message = "Somebody else has changed the policies at the same moment. The rule is not saved. Save again.", Param = null }
                : refused.Error;
            var error = RuleForm.AtField(explained, view.Rules.Count, form["name"].ToString().Trim());
            return ShowForm(page, null, FormState.Refused(form, error, RuleForm.Secret), error.Status);
        }
    }

    private static async Task<IResult> EditAsync(PageRequest page, string rule, PolicyEditor policies) =>
        ShowForm(page, rule, RuleForm.Of(Find((await policies.GetAsync(page.Project.Id)).Value, rule)));

    private static async Task<IResult> ChangeAsync(PageRequest page, string rule, PolicyEditor policies)
    {
        var form = await page.FormAsync();
        try
        {
            await ReplaceAsync(page, policies, rule, form["tag"], _ => RuleForm.Read(form, rule));
            return Done(page, "saved");
        }
        catch (RefusedException refused) when (refused.Error.Kind != ErrorKind.NotFound)
        {
            var view = (await policies.GetAsync(page.Project.Id)).Value;
            var now = Find(view, rule);
            var error = RuleForm.AtField(FormConflict.Explain(refused.Error), view.Rules.IndexOf(now), form["name"].ToString().Trim());
            var sent = FormState.Refused(form, error, RuleForm.Secret);
            return refused.Error.Status != StatusCodes.Status412PreconditionFailed
                ? ShowForm(page, rule, sent, error.Status)
                : ShowForm(page, rule, sent with { Values = new Dictionary<string, string?>(sent.Values) { ["tag"] = RuleForm.TagOf(now) } }, error.Status, RuleForm.YamlOf(now));
        }
    }

    private static async Task<IResult> SwitchAsync(PageRequest page, string rule, PolicyEditor policies, PolicyReports reports)
    {
        var form = await page.FormAsync();
        try
        {
            var action = PolicyText.Read<PolicyAction>(form["action"]) ?? throw new RefusedException(EdgeError.Invalid("Choose an action.", "action"));
            await ReplaceAsync(page, policies, rule, form["tag"], now => now with { Action = action });
            return Done(page, "saved");
        }
        catch (RefusedException refused) when (refused.Error.Kind != ErrorKind.NotFound)
        {
            return await ListAsync(page, policies, reports, refused.Error.Status == StatusCodes.Status412PreconditionFailed
                ? refused.Error with { Message = "Somebody else has changed this rule. The page shows the stored version; your change was not saved." }
                : refused.Error);
        }
    }

    private static async Task<IResult> AskToDeleteAsync(PageRequest page, string rule, PolicyEditor policies)
    {
        var view = (await policies.GetAsync(page.Project.Id)).Value;
        var found = Find(view, rule);
        return Page.Show<DeleteRulePage, DeleteRuleModel>(
            page.Frame($"Delete the rule {SafeText.Of(found.Name, 60)}?", Section.Policies), new(found, RuleForm.TagOf(found), !view.Rules.Exists(one => one.Id != rule && one.Action != PolicyAction.Off)));
    }

    private static async Task<IResult> DeleteAsync(PageRequest page, string rule, PolicyEditor policies)
    {
        var form = await page.FormAsync();
        await ReplaceAsync(page, policies, rule, form["tag"], static _ => null);
        return Done(page, "rule-deleted");
    }

    // Saves one rule. Only this rule must be unchanged since the user saw it. The other rules come from the document that is read here.
    private static async Task ReplaceAsync(PageRequest page, PolicyEditor policies, string rule, string? tag, Func<PolicyDocument.Rule, PolicyDocument.Rule?> change)
    {
        var (view, whole) = await policies.GetAsync(page.Project.Id);
        var now = Find(view, rule);
        Precondition.Tag(tag).Check(RuleForm.TagOf(now));
        List<PolicyDocument.Rule> rules = [.. view.Rules];
        if (change(now) is { } changed)
        {
            rules[rules.IndexOf(now)] = changed;
        }
        else
        {
            rules.Remove(now);
        }

        await policies.ReplaceAsync(page.Actor, page.Project.Id, view.Document with { Rules = rules }, Precondition.Tag(whole));
    }

    private static PolicyDocument.Rule Find(PolicyView view, string rule) => view.Rules.Find(one => one.Id == rule) ?? throw new RefusedException(new EdgeError(ErrorKind.NotFound, "This project has no such rule."));

    private static IResult Done(PageRequest page, string what) => PageRequest.RedirectTo($"{page.Project.Path}/policies", what);

    private static IResult ShowForm(PageRequest page, string? rule, FormState state, int status = StatusCodes.Status200OK, string? now = null) =>
        Page.Show<RuleFormPage, RuleFormModel>(page.Frame(rule is null ? "New rule" : $"Edit {rule}", Section.Policies), new(rule, state, now), status);
}
