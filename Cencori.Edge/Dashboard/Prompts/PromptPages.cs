using System.Globalization;
using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Prompts;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Prompts;

/// <summary>The pages of a project's prompts and their versions.</summary>
internal static class PromptPages
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/prompts", ListAsync);
        pages.MapGet("/p/{slug}/prompts/new", (PageRequest page) => ShowNew(page, FormState.Empty, StatusCodes.Status200OK)).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/prompts", CreateAsync).WithMetadata(PageAccess.Members);
        pages.MapGet("/p/{slug}/prompts/{id}", GetAsync);
        pages.MapPost("/p/{slug}/prompts/{id}/versions", AddVersionAsync).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/prompts/{id}/deploy", DeployAsync).WithMetadata(PageAccess.Members);
        pages.MapGet("/p/{slug}/prompts/{id}/delete", AskToDeleteAsync).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/prompts/{id}/delete", DeleteAsync).WithMetadata(PageAccess.Members);
    }

    private static async Task<IResult> ListAsync(PageRequest page, PromptEditor prompts) =>
        Page.Show<PromptsPage, PromptsModel>(page.Frame("Prompts", Section.Prompts), new(await prompts.ListAsync(page.Project.Id)));

    private static async Task<IResult> CreateAsync(PageRequest page, PromptEditor prompts)
    {
        var form = await page.FormAsync();
        try
        {
            var created = await prompts.CreateAsync(page.Actor, page.Project.Id, new()
            {
                Name = form["name"].ToString().Trim(),
                Description = NotEmpty(form["description"]),
                Content = Content(form),
                ChangeMessage = NotEmpty(form["change_message"]),
            });
            return PageRequest.RedirectTo(Address(page, created.Value.Prompt.Id), "prompt-created");
        }
        catch (RefusedException refused)
        {
            return ShowNew(page, FormState.Refused(form, refused.Error), refused.Error.Status);
        }
    }

    private static Task<IResult> GetAsync(PageRequest page, string id, PromptEditor prompts) => ShowAsync(page, id, prompts, state: null, StatusCodes.Status200OK);

    private static async Task<IResult> AddVersionAsync(PageRequest page, string id, PromptEditor prompts)
    {
        var form = await page.FormAsync();
        try
        {
            await prompts.AddVersionAsync(page.Actor, page.Project.Id, id, new() { Content = Content(form), ChangeMessage = NotEmpty(form["change_message"]) });
            return PageRequest.RedirectTo(Address(page, id), "version-added");
        }
        catch (RefusedException refused) when (refused.Error.Status != StatusCodes.Status404NotFound)
        {
            return await ShowAsync(page, id, prompts, FormState.Refused(form, refused.Error), refused.Error.Status);
        }
    }

    private static async Task<IResult> DeployAsync(PageRequest page, string id, PromptEditor prompts)
    {
        var form = await page.FormAsync();
        await prompts.DeployAsync(page.Actor, page.Project.Id, id, new() { VersionId = form["version_id"].ToString() }, Precondition.Tag(form["tag"]));
        return PageRequest.RedirectTo(Address(page, id), "version-deployed");
    }

    private static async Task<IResult> AskToDeleteAsync(PageRequest page, string id, PromptEditor prompts)
    {
        var prompt = await prompts.GetAsync(page.Project.Id, id);
        var versions = await prompts.ListVersionLinesAsync(page.Project.Id, id);
        return Page.Show<DeletePromptPage, DeletePromptModel>(page.Frame($"Delete the prompt {prompt.Value.Prompt.Name}?", Section.Prompts), new(prompt.Value.Prompt, versions.Count, prompt.Tag));
    }

    private static async Task<IResult> DeleteAsync(PageRequest page, string id, PromptEditor prompts)
    {
        var form = await page.FormAsync();
        await prompts.DeleteAsync(page.Actor, page.Project.Id, id, Precondition.Tag(form["tag"]));
        return PageRequest.RedirectTo($"{page.Project.Path}/prompts", "prompt-deleted");
    }

    /// <summary>Shows the version that the URL names, compared with a second version in the URL, or else with the version before.</summary>
    private static async Task<IResult> ShowAsync(PageRequest page, string id, PromptEditor prompts, FormState? state, int status)
    {
        var prompt = await prompts.GetAsync(page.Project.Id, id);
        var versions = await prompts.ListVersionLinesAsync(page.Project.Id, id);
        var notes = new List<string>();
        var newest = versions[0].Version;
        var number = Find(page, versions, "version", notes) ?? newest;
        var against = page.Context.Request.Query["against"] == "none" ? 0 : Find(page, versions, "against", notes) ?? number - 1;
        var texts = await prompts.GetVersionsAsync(page.Project.Id, id, [number, against, newest]);
        var shown = texts.Single(version => version.Version == number);
        var compared = texts.Find(version => version.Version == against);
        var model = new PromptModel(
            prompt.Value.Prompt,
            versions,
            shown,
            compared,
            compared is null ? [] : LineDiff.Of(compared.Content, shown.Content),
            notes.Count == 0 ? null : string.Join(' ', notes),
            prompt.Tag,
            state ?? new(new Dictionary<string, string?> { ["content"] = texts.Single(version => version.Version == newest).Content }));
        return Page.Show<PromptPage, PromptModel>(page.Frame(prompt.Value.Prompt.Name, Section.Prompts), model, status);
    }

    private static int? Find(PageRequest page, List<PromptVersionLine> versions, string parameter, List<string> notes)
    {
        var requested = page.Context.Request.Query[parameter].ToString();
        if (requested.Length == 0)
        {
            return null;
        }

        var found = int.TryParse(requested, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? versions.Find(version => version.Version == number) : null;
        if (found is null)
        {
            notes.Add($"'{parameter}' in the address names a version that does not exist, so it was ignored.");
        }

        return found?.Version;
    }

    private static IResult ShowNew(PageRequest page, FormState state, int status) => Page.Show<NewPromptPage, FormState>(page.Frame("New prompt", Section.Prompts), state, status);

    private static string Address(PageRequest page, string id) => $"{page.Project.Path}/prompts/{Uri.EscapeDataString(id)}";

    // Browsers change LF line breaks to CRLF in forms. This restores the user's text.
    private static string Content(IFormCollection form) => form["content"].ToString().ReplaceLineEndings("\n");

    private static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
