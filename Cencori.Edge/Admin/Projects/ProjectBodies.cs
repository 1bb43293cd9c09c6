using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Projects;

/// <summary>Request body that creates a project.</summary>
public sealed record NewProject(string Name)
{
    /// <summary>Readable id for URLs. Null: the slug is derived from the name.</summary>
    public string? Slug { get; init; }
}

/// <summary>Request body that changes a project. Absent members stay unchanged.</summary>
public sealed record ProjectChange
{
    public PatchField<string> Name { get; init; }

    public PatchField<string?> DefaultModel { get; init; }

    public PatchField<string?> DefaultProvider { get; init; }

    /// <summary>All model aliases, which replace the earlier ones. Null: no aliases.</summary>
    public PatchField<Dictionary<string, string>?> ModelAliases { get; init; }

    public PatchField<bool> LogPayloads { get; init; }
}

/// <summary>A project as an administrator sees it.</summary>
public sealed record ProjectView(
    string Id, string Name, string Slug, string? DefaultModel, string? DefaultProvider, Dictionary<string, string> ModelAliases, bool LogPayloads, DateTimeOffset CreatedAt)
{
    public static ProjectView Of(ProjectRecord row) =>
        new(row.Id, row.Name, row.Slug, row.DefaultModel, row.DefaultProvider, row.ModelAliases, row.LogsPayloads, row.CreatedAt);
}

/// <summary>Id and names of a project, for lists.</summary>
/// <param name="Id">Id of the project.</param>
/// <param name="Name">Display name.</param>
/// <param name="Slug">Readable id in URLs of pages.</param>
/// <param name="CreatedAt">Creation time, by which lists are sorted.</param>
public sealed record ProjectName(string Id, string Name, string Slug, DateTimeOffset CreatedAt);
