using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Layout;

/// <summary>The parts of a page outside of its content, and data that its components share.</summary>
public sealed record Frame
{
    /// <summary>The only main heading of the page.</summary>
    public required string Title { get; init; }

    public required Section Section { get; init; }

    /// <summary>Null: nobody is signed in.</summary>
    public SignedIn? SignedIn { get; init; }

    /// <summary>Null: the page is about the edge, not a project.</summary>
    public PageProject? Project { get; init; }

    /// <summary>The environment filter; null: all environments.</summary>
    public KeyEnvironment? Environment { get; init; }

    /// <summary>The name of the hidden field with <see cref="FormToken"/>.</summary>
    public required string FormField { get; init; }

    /// <summary>The antiforgery token of this session. Empty: the page has no forms.</summary>
    public required string FormToken { get; init; }

    public required Viewer Viewer { get; init; }

    /// <summary>The message about the action just done; null: none.</summary>
    public string? Notice { get; init; }

    /// <summary>Path and query of this page.</summary>
    public required string Address { get; init; }

    /// <summary>The path of style sheet and scripts.</summary>
    public required string Assets { get; init; }

    public bool May(UserRole role) => SignedIn?.May(role) == true;

    /// <summary>The full path of a navigation link.</summary>
    public string Link(string path) => (Project?.Path ?? DashboardOptions.Path) + path;
}
