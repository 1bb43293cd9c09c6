namespace Cencori.Edge.Dashboard;

/// <summary>The project of a page; the user is allowed to see it.</summary>
public sealed record PageProject(string Id, string Slug, string Name)
{
    /// <summary>The URL path of the project's pages.</summary>
    public string Path => $"{DashboardOptions.Path}/p/{Slug}";
}
