using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Layout;

/// <summary>What stands around a page, and what its parts share.</summary>
public sealed record Frame
{
    /// <summary>The page's one heading.</summary>
    public required string Title { get; init; }

    public required Section Section { get; init; }

    /// <summary>Null: nobody is.</summary>
    public SignedIn? SignedIn { get; init; }

    /// <summary>Null: the page is about the edge.</summary>
    public PageProject? Project { get; init; }

    /// <summary>The environment that it is narrowed to; null: all.</summary>
    public KeyEnvironment? Environment { get; init; }

    /// <summary>The name of the hidden field with <see cref="FormToken"/>.</summary>
    public required string FormField { get; init; }

    /// <summary>Proves that a form is one of ours, for this session. Empty: the page has no forms.</summary>
    public required string FormToken { get; init; }

    public required Viewer Viewer { get; init; }

    /// <summary>What has just been done; null: nothing.</summary>
    public string? Notice { get; init; }

    /// <summary>Path and query of the page itself.</summary>
    public required string Address { get; init; }

    /// <summary>Where style sheet and scripts are.</summary>
    public required string Assets { get; init; }

    public bool May(UserRole role) => SignedIn?.May(role) == true;

    /// <summary>The path of one of the project's links.</summary>
    public string Link(string path) => (Project?.Path ?? DashboardOptions.Path) + path;
}
