namespace Cencori.Edge.Storage;

/// <summary>A named prompt of a project.</summary>
public sealed class PromptRecord
{
    public required string Id { get; init; }

    public required string ProjectId { get; init; }

    /// <summary>Unique in the project.</summary>
    public required string Name { get; init; }

    public string? Description { get; set; }

    /// <summary>The version that requests get.</summary>
    public required string ActiveVersionId { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>One version of a prompt. Versions never change: an edit creates a new one.</summary>
public sealed class PromptVersionRecord
{
    public required string Id { get; init; }

    public required string PromptId { get; init; }

    /// <summary>1 for the first, then consecutive.</summary>
    public required int Version { get; init; }

    /// <summary>Text with <c>{{name}}</c> for the value of each variable.</summary>
    public required string Content { get; init; }

    /// <summary>Names of its variables, each once.</summary>
    public required List<string> Variables { get; init; }

    /// <summary>Reason for the change. Null: none given.</summary>
    public string? ChangeMessage { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
