using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Layout;

/// <summary>The navigation links of every page.</summary>
public static class Navigation
{
    /// <summary>Links of a project; paths are relative to it. Labels use the terms of the Cencori reference documentation.</summary>
    public static readonly IReadOnlyList<NavigationLink> OfProject =
    [
        new(Section.Overview, "Overview", "") { Letter = 'o' },
        new(Section.Keys, "API Keys", "/keys") { Letter = 'k' },
        new(Section.Providers, "Providers", "/providers") { Letter = 'p' },
        new(Section.Routes, "Routes", "/routes") { Letter = 'w' },
        new(Section.Policies, "Policies", "/policies") { Letter = 'c' },
        new(Section.Usage, "Usage", "/usage") { Letter = 'u' },
        new(Section.Logs, "Logs", "/logs") { Letter = 'l' },
        new(Section.Playground, "Playground", "/playground") { Role = UserRole.Member, Letter = 'r' },
        new(Section.Limits, "Limits", "/limits") { Letter = 'm' },
        new(Section.Budget, "Budget", "/budget") { Letter = 'b' },
        new(Section.Agents, "Agents", "/agents") { Letter = 'a' },
        new(Section.Prompts, "Prompts", "/prompts") { Letter = 't' },
        new(Section.Memory, "Memory", "/memory") { Letter = 'y' },
        new(Section.Settings, "Settings", "/settings") { Letter = 's' },
    ];

    /// <summary>Links of the edge; paths are relative to <c>/dashboard</c>.</summary>
    public static readonly IReadOnlyList<NavigationLink> OfEdge =
    [
        new(Section.Projects, "Projects", "/") { Letter = 'h' },
        new(Section.Members, "Members", "/members") { Role = UserRole.Owner },
        new(Section.Audit, "Audit", "/audit") { Role = UserRole.Owner },
        new(Section.Status, "Status", "/status") { Letter = 'e' },
        new(Section.Reference, "API", "/api"),
    ];
}

/// <param name="Section">The section that the link opens.</param>
/// <param name="Label">The text of the link.</param>
/// <param name="Path">The path that the link opens, relative to the project or to <c>/dashboard</c>.</param>
public sealed record NavigationLink(Section Section, string Label, string Path)
{
    /// <summary>The lowest role that sees the link. Default: viewer.</summary>
    public UserRole Role { get; init; } = UserRole.Viewer;

    /// <summary>Keyboard shortcut: the letter to type after <c>g</c>; null: none.</summary>
    public char? Letter { get; init; }
}
