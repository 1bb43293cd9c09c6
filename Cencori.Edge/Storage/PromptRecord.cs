namespace Cencori.Edge.Storage;

/// <summary>A named prompt of a project. Its text is in its versions.</summary>
public sealed class PromptRecord
{
    public required string Id { get; init; }

    public required string ProjectId { get; init; }

    /// <summary>Name of the prompt. Unique in the project.</summary>
    public required string Name { get; init; }

    public string? Description { get; set; }

    /// <summary>Id of the version that requests use.</summary>
    public required string ActiveVersionId { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>One version of a prompt. Versions never change: an edit creates a new one.</summary>
public sealed class PromptVersionRecord
{
    public required string Id { get; init; }

    public required string PromptId { get; init; }

    /// <summary>Number of the version: 1 for the first, then consecutive.</summary>
    public required int Version { get; init; }

    /// <summary>The text. <c>{{name}}</c> stands for the value of a variable.</summary>
    public required string Content { get; init; }

    /// <summary>Names of the variables in the text, each once.</summary>
    public required List<string> Variables { get; init; }

    /// <summary>Reason for the new version. Null: none given.</summary>
    public string? ChangeMessage { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
