using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Memory.Recall;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Palette;

/// <summary>The search of the command palette (Ctrl K): pages, projects, keys, requests by id, and actions. Returns only items that the user may see.</summary>
internal static class PalettePages
{
    private const int Max = 30;
    private const int MaxKeys = 10;
    private const int MaxProjects = 10;
    private const int LongestText = 200;

    // Minimum length of a text that is looked up as a request id: shorter text is probably the start of a name.
    private const int ShortestId = 8;

    public static void Map(RouteGroupBuilder pages) => pages.MapGet("/palette", SearchAsync).WithMetadata(PageAccess.Viewers);

    private static async Task<IResult> SearchAsync(PageRequest page, ProjectEditor editor, ApiKeyEditor keys)
    {
        var query = page.Context.Request.Query;
        var text = PlainText.Cut(query["q"].ToString().Trim(), LongestText);
        var projects = (await editor.ListNamesAsync()).FindAll(project => page.User.CanSee(project.Id));
        var current = projects.Find(project => project.Slug == query["project"]);

        List<PaletteItem> items = [.. Requests(text, current, projects), .. Pages(page.User, current)];
        items.AddRange(projects.Where(project => project != current).Select(project => new PaletteItem(SafeText.Of(project.Name), "Project", Path(project))));
        items.AddRange(Actions(page.User, current));
        items = items.FindAll(item => item.Kind == PaletteItem.Request || Matches(item, text));
        if (text.Length > 1 && !text.Contains('\0', StringComparison.Ordinal))
        {
            items.AddRange(await KeysAsync(page, keys, text, current, projects));
        }

        // Labels that start with the text come before other matches.
        items = [.. items.OrderBy(item => Rank(item, text))];
        return TypedResults.Json(new PaletteResponse(items.Count > Max ? items[..Max] : items));
    }

    private static IEnumerable<PaletteItem> Pages(SignedIn user, ProjectName? project)
    {
        var ofProject = project is null ? [] : Navigation.OfProject.Where(link => user.May(link.Role)).Select(link => new PaletteItem(link.Label, SafeText.Of(project.Name), Path(project) + link.Path));
        return ofProject.Concat(Navigation.OfEdge.Where(link => user.May(link.Role)).Select(link => new PaletteItem(link.Label, "Edge", DashboardOptions.Path + link.Path.TrimEnd('/'))));
    }

    private static IEnumerable<PaletteItem> Actions(SignedIn user, ProjectName? project)
    {
        if (project is not null && user.May(UserRole.Member))
        {
            yield return new("Generate New Key", "Do", Path(project) + "/keys/new");
            yield return new("Keys to be rotated", "Do", Path(project) + "/keys?state=due");
        }

        if (user.May(UserRole.Owner))
        {
            yield return new("New project", "Do", DashboardOptions.Path + "/projects/new");
        }

        yield return new("Sessions and preferences", "Do", DashboardOptions.Path + "/account");
    }

    // Callers may choose request ids of any form, and an id can only be looked up within a project. So on pages without a project only "req_…" counts as an id.
    private static IEnumerable<PaletteItem> Requests(string text, ProjectName? current, List<ProjectName> projects)
    {
        var isId = text.Length >= ShortestId && !text.Any(char.IsWhiteSpace) && (text.StartsWith("req_", StringComparison.Ordinal) || (current is not null && text.Any(char.IsAsciiDigit)));
        return !isId ? [] : (current is not null ? [current] : projects.Take(MaxProjects))
            .Select(project => new PaletteItem($"Request {SafeText.Of(text)} of {SafeText.Of(project.Name)}", PaletteItem.Request, $"{Path(project)}/logs/{Uri.EscapeDataString(text)}"));
    }

    private static async Task<IEnumerable<PaletteItem>> KeysAsync(PageRequest page, ApiKeyEditor keys, string text, ProjectName? current, List<ProjectName> projects)
    {
        var found = await keys.SearchAsync(page.User.ProjectIds, text, MaxKeys, page.Aborted);
        return from key in found
               join project in projects on key.ProjectId equals project.Id
               orderby project == current ? 0 : 1
               select new PaletteItem($"{SafeText.Of(key.Key.Name)} ({key.Key.KeyPrefix}…{key.Key.LastFour})", $"Key of {SafeText.Of(project.Name)}", $"{Path(project)}/keys/{key.Key.Id}");
    }

    private static bool Matches(PaletteItem item, string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(word => item.Label.Contains(word, StringComparison.OrdinalIgnoreCase) || item.Kind.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static int Rank(PaletteItem item, string text) => item.Kind == PaletteItem.Request || item.Label.StartsWith(text, StringComparison.OrdinalIgnoreCase) ? 0
        : item.Label.Contains(text, StringComparison.OrdinalIgnoreCase) ? 1
        : 2;

    private static string Path(ProjectName project) => $"{DashboardOptions.Path}/p/{project.Slug}";
}

internal sealed record PaletteResponse(IReadOnlyList<PaletteItem> Items);

/// <param name="Label">The text of the item. Untrusted parts went through <see cref="SafeText"/>.</param>
/// <param name="Kind">The item's kind or project. Untrusted parts went through <see cref="SafeText"/>.</param>
/// <param name="Path">The path of a dashboard page.</param>
internal sealed record PaletteItem(string Label, string Kind, string Path)
{
    public const string Request = "Request";
}
