using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Errors;
using Cencori.Edge.Metrics;
using Cencori.Edge.Projects;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Dashboard.Limits;

/// <summary>The page of rate limits and their current use: the project's, or with <c>agent</c> in the URL, those of one agent.</summary>
internal sealed class LimitsPages(RateLimitEditor limits, AgentEditor agents, ProjectCache projects, ILimitLevels levels, UsageReader usage, TimeProvider time)
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/limits", (PageRequest page, LimitsPages limits) => limits.ShowAsync(page));
        pages.MapPost("/p/{slug}/limits", (PageRequest page, LimitsPages limits) => limits.SaveAsync(page)).WithMetadata(PageAccess.Members);
    }

    private async Task<IResult> ShowAsync(PageRequest page)
    {
        var query = page.Context.Request.Query;
        var preset = LimitText.Presets.FirstOrDefault(preset => preset.Word == query["preset"]).Limits;
        return await ShowAsync(page, AgentOf(query["agent"]), preset is null ? null : LimitForm.Of(preset), isPreset: preset is not null);
    }

    private async Task<IResult> SaveAsync(PageRequest page)
    {
        var form = await page.FormAsync();
        var agent = AgentOf(form["agent"]);
        try
        {
            await limits.ReplaceAsync(page.Actor, page.Project.Id, agent, LimitForm.Read(form), Precondition.Tag(form["tag"]));
            return PageRequest.RedirectTo(Address(page, agent), "saved");
        }
        catch (RefusedException refused) when (refused.Error.Kind != ErrorKind.NotFound)
        {
            return await ShowAsync(page, agent, FormConflict.Refused(form, refused.Error, (await limits.GetAsync(page.Project.Id, agent)).Tag), refused.Error.Status);
        }
    }

    private async Task<IResult> ShowAsync(PageRequest page, string? agentId, FormState? form, int status = StatusCodes.Status200OK, bool isPreset = false)
    {
        var current = await limits.GetAsync(page.Project.Id, agentId);
        var snapshot = await projects.GetAsync(page.Project.Id);
        var all = (await agents.ListAsync(page.Project.Id)).ConvertAll(agent => new AgentLimits(agent.Id, agent.Name, snapshot?.Agents.GetValueOrDefault(agent.Id)?.RateLimits));
        return Page.Show<LimitsPage, LimitsModel>(page.Frame("Limits", Section.Limits) with { RefreshAddress = Address(page, agentId) }, new()
        {
            Limits = current.Value,
            Levels = await levels.ReadAsync(agentId is null ? page.Project.Id : Agent.LimitsIdOf(page.Project.Id, agentId), current.Value, page.Aborted),
            RefusedLastHour = agentId is null ? await RefusedAsync(page) : null,
            Form = form ?? LimitForm.Of(current.Value),
            Tag = current.Tag,
            IsPreset = isPreset,
            AgentId = agentId,
            AgentName = all.Find(agent => agent.Id == agentId)?.Name,
            Agents = all,
            Path = Path(page),
        }, status);
    }

    // Null when the database is busy: the page can show limits and levels without this number.
    private async Task<long?> RefusedAsync(PageRequest page)
    {
        var now = time.GetUtcNow();
        try
        {
            var result = await usage.ReadAsync(new() { ProjectId = page.Project.Id, From = now.AddHours(-1), To = now, Step = UsageStep.Minute }, page.Aborted);
            return result.Total.Sums.RateLimited;
        }
        catch (DatabaseBusyException)
        {
            return null;
        }
    }

    private static string? AgentOf(string? id) => string.IsNullOrEmpty(id) ? null : id;

    private static string Address(PageRequest page, string? agent) => Path(page) + (agent is null ? "" : $"?agent={Uri.EscapeDataString(agent)}");

    private static string Path(PageRequest page) => page.Project.Path + "/limits";
}
