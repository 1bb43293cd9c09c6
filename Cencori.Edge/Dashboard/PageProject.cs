namespace Cencori.Edge.Dashboard;

/// <summary>The project that a page is about, which whoever asks for it may see.</summary>
public sealed record PageProject(string Id, string Slug, string Name)
{
    /// <summary>Where its pages are.</summary>
    public string Path => $"{DashboardOptions.Path}/p/{Slug}";
}
