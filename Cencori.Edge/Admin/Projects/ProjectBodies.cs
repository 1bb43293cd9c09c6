using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Projects;

/// <summary>The body that creates a project.</summary>
public sealed record NewProject(string Name)
{
    /// <summary>By which people call it. Null: made from the name.</summary>
    public string? Slug { get; init; }
}

/// <summary>The body that changes a project: what is not there stays.</summary>
public sealed record ProjectChange
{
    public PatchField<string> Name { get; init; }

    public PatchField<string?> DefaultModel { get; init; }

    public PatchField<string?> DefaultProvider { get; init; }

    /// <summary>All of them. Null: none.</summary>
    public PatchField<Dictionary<string, string>?> ModelAliases { get; init; }

    public PatchField<bool> LogPayloads { get; init; }
}

/// <summary>A project as the administrator sees it.</summary>
public sealed record ProjectView(
    string Id, string Name, string Slug, string? DefaultModel, string? DefaultProvider, Dictionary<string, string> ModelAliases, bool LogPayloads, DateTimeOffset CreatedAt)
{
    public static ProjectView Of(ProjectRecord row) =>
        new(row.Id, row.Name, row.Slug, row.DefaultModel, row.DefaultProvider, row.ModelAliases, row.LogsPayloads, row.CreatedAt);
}

/// <summary>What a project is called.</summary>
/// <param name="Id">As other tables have it.</param>
/// <param name="Name">For people.</param>
/// <param name="Slug">In addresses of pages.</param>
/// <param name="CreatedAt">Lists are in this order.</param>
public sealed record ProjectName(string Id, string Name, string Slug, DateTimeOffset CreatedAt);
