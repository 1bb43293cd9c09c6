namespace Cencori.Edge.Storage;

/// <summary>A named prompt of a project.</summary>
public sealed class PromptRecord
{
    public required string Id { get; init; }

    public required string ProjectId { get; init; }

    /// <summary>Of one project no two are called the same.</summary>
    public required string Name { get; init; }

    public string? Description { get; set; }

    /// <summary>The version that requests get.</summary>
    public required string ActiveVersionId { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>What a prompt says, or once said. Nobody changes a version: a change is another one.</summary>
public sealed class PromptVersionRecord
{
    public required string Id { get; init; }

    public required string PromptId { get; init; }

    /// <summary>1 for the first, and one more for each that follows.</summary>
    public required int Version { get; init; }

    /// <summary>Text with <c>{{name}}</c> where a variable's value belongs.</summary>
    public required string Content { get; init; }

    /// <summary>Names of the variables in it, each once.</summary>
    public required List<string> Variables { get; init; }

    /// <summary>Why it was made; null where nobody said.</summary>
    public string? ChangeMessage { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
