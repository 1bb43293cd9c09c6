using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Admin.Prompts;
using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Admin.Routes;
using Cencori.Edge.Dashboard.Keys;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Errors;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Records;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Dashboard.Settings;

/// <summary>The pages of a project's settings and of its deletion.</summary>
internal static class ProjectSettingsPages
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/settings", ShowAsync).WithMetadata(PageAccess.Viewers);
        pages.MapPost("/p/{slug}/settings", ChangeAsync).WithMetadata(PageAccess.Members);
        pages.MapGet("/p/{slug}/settings/delete", AskAsync).WithMetadata(PageAccess.Owners);
        pages.MapPost("/p/{slug}/settings/delete", DeleteAsync).WithMetadata(PageAccess.Owners);
    }

    private static async Task<IResult> ShowAsync(PageRequest page, ProjectEditor projects, ProviderCatalog providers, IOptions<UsageOptions> usage)
    {
        var project = await projects.GetAsync(page.Project.Id);
        return Show(page, project, providers, usage.Value, ProjectSettingsForm.Of(project.Value));
    }

    private static async Task<IResult> ChangeAsync(PageRequest page, ProjectEditor projects, ProviderCatalog providers, IOptions<UsageOptions> usage)
    {
        var form = await page.FormAsync();
        try
        {
            await projects.ChangeAsync(page.Actor, page.Project.Id, ProjectSettingsForm.Read(form), Precondition.Tag(form["tag"]));
            return PageRequest.RedirectTo($"{page.Project.Path}/settings", "saved");
        }
        catch (RefusedException refused) when (refused.Error.Status != StatusCodes.Status404NotFound)
        {
            var stored = await projects.GetAsync(page.Project.Id);
            return Show(page, stored, providers, usage.Value, FormConflict.Refused(form, refused.Error, stored.Tag), refused.Error.Status);
        }
    }

    private static async Task<IResult> AskAsync(PageRequest page, ProjectContents contents) => await ShowDeletionAsync(page, contents, FormState.Empty);

    private static async Task<IResult> DeleteAsync(PageRequest page, ProjectEditor projects, ProjectContents contents)
    {
        var form = await page.FormAsync();
        var typed = form["name"].ToString().Trim();

        // To confirm the deletion, users type the project's name. Its slug works too, because some characters of a name are hard to type.
        if (typed != page.Project.Name.Trim() && typed != page.Project.Slug)
        {
            var error = EdgeError.Invalid("Nothing has been deleted. To delete the project, enter its name.", "name");
            return await ShowDeletionAsync(page, contents, FormState.Refused(form, error), error.Status);
        }

        await projects.DeleteAsync(page.Actor, page.Project.Id, Precondition.Anything);
        return PageRequest.RedirectTo(DashboardOptions.Path, "project-deleted");
    }

    private static IResult Show(PageRequest page, Tagged<ProjectView> project, ProviderCatalog providers, UsageOptions usage, FormState state, int status = StatusCodes.Status200OK) =>
        Page.Show<ProjectSettingsPage, ProjectSettingsModel>(
            page.Frame("Settings", Section.Settings),
            new(project.Value, project.Tag, [.. providers.All.Select(provider => provider.Id).Order(StringComparer.Ordinal)], usage.PayloadRetentionDays, state),
            status);

    private static async Task<IResult> ShowDeletionAsync(PageRequest page, ProjectContents contents, FormState state, int status = StatusCodes.Status200OK) =>
        Page.Show<DeleteProjectPage, DeleteProjectModel>(page.Frame("Delete project", Section.Settings), await contents.CountAsync(page.Project.Id, state), status);
}

/// <summary>Counts what a project contains.</summary>
internal sealed class ProjectContents(ApiKeyEditor keys, ProviderKeyEditor credentials, RouteEditor routes, AgentEditor agents, PromptEditor prompts, TimeProvider time)
{
    public async Task<DeleteProjectModel> CountAsync(string projectId, FormState state)
    {
        var (all, now) = (await keys.ListAsync(projectId), time.GetUtcNow());
        return new(
            all.Count, all.Count(key => new KeyRow(key, now).Works), (await credentials.ListAsync(projectId)).Count, (await routes.ListAsync(projectId)).Count, (await agents.ListAsync(projectId)).Count,
            (await prompts.ListAsync(projectId)).Count, state);
    }
}

/// <param name="Project">The stored project.</param>
/// <param name="Tag">The project's ETag.</param>
/// <param name="Providers">All providers.</param>
/// <param name="PayloadDays">Retention of payloads in days.</param>
/// <param name="State">The form's state.</param>
public sealed record ProjectSettingsModel(ProjectView Project, string Tag, IReadOnlyList<string> Providers, int PayloadDays, FormState State);

/// <summary>Numbers of objects that are deleted with a project.</summary>
public sealed record DeleteProjectModel(int Keys, int WorkingKeys, int Credentials, int Routes, int Agents, int Prompts, FormState State);
