using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Layout;

/// <summary>The links beside every page.</summary>
public static class Navigation
{
    /// <summary>Of a project; paths are below its own. The words are those that the product's reference uses.</summary>
    public static readonly IReadOnlyList<NavigationLink> OfProject =
    [
        new(Section.Overview, "Overview", ""),
        new(Section.Keys, "API Keys", "/keys"),
        new(Section.Providers, "Providers", "/providers"),
        new(Section.Usage, "Usage", "/usage"),
        new(Section.Logs, "Logs", "/logs"),
        new(Section.Playground, "Playground", "/playground") { Role = UserRole.Member },
        new(Section.Limits, "Limits", "/limits"),
        new(Section.Budget, "Budget", "/budget"),
        new(Section.Agents, "Agents", "/agents"),
        new(Section.Prompts, "Prompts", "/prompts"),
        new(Section.Settings, "Settings", "/settings"),
    ];

    /// <summary>Of the edge; paths are below <c>/dashboard</c>.</summary>
    public static readonly IReadOnlyList<NavigationLink> OfEdge =
    [
        new(Section.Projects, "Projects", "/"),
        new(Section.Members, "Members", "/members") { Role = UserRole.Owner },
        new(Section.Audit, "Audit", "/audit") { Role = UserRole.Owner },
        new(Section.Status, "Status", "/status"),
        new(Section.Reference, "API", "/api"),
    ];
}

/// <param name="Section">Where it leads.</param>
/// <param name="Label">What it says.</param>
/// <param name="Path">See <see cref="Navigation"/>.</param>
public sealed record NavigationLink(Section Section, string Label, string Path)
{
    /// <summary>The least role that sees it. Default: every one.</summary>
    public UserRole Role { get; init; } = UserRole.Viewer;
}
