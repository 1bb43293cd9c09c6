using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Layout;

/// <summary>The parts of a page around its content, such as heading and navigation, and data that all components of a page share.</summary>
public sealed record Frame
{
    /// <summary>The main heading of the page.</summary>
    public required string Title { get; init; }

    public required Section Section { get; init; }

    /// <summary>The signed-in user. Null: nobody is signed in.</summary>
    public SignedIn? SignedIn { get; init; }

    /// <summary>The project of the page. Null: the page is about the edge, not a project.</summary>
    public PageProject? Project { get; init; }

    /// <summary>The environment filter; null: all environments.</summary>
    public KeyEnvironment? Environment { get; init; }

    /// <summary>The name of the hidden field with <see cref="FormToken"/>.</summary>
    public required string FormField { get; init; }

    /// <summary>The antiforgery token of this session. Empty: the page has no forms.</summary>
    public required string FormToken { get; init; }

    public required Viewer Viewer { get; init; }

    /// <summary>The message about the action that has just succeeded; null: none.</summary>
    public string? Notice { get; init; }

    /// <summary>Path and query of this page.</summary>
    public required string Address { get; init; }

    /// <summary>Path and query from which a script refreshes regions of this page. Null: from the browser's address. The response to a form needs it, because the
    /// browser's address is then that of the form.</summary>
    public string? RefreshAddress { get; init; }

    /// <summary>The path of the directory with the dashboard's style sheet and scripts.</summary>
    public required string Assets { get; init; }

    public bool May(UserRole role) => SignedIn?.May(role) == true;

    /// <summary>The full path of a navigation link.</summary>
    public string Link(string path) => (Project?.Path ?? DashboardOptions.Path) + path;
}
