using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Playground;

/// <summary>What somebody has put together in the playground, as they typed it.</summary>
public sealed record PlaygroundInput
{
    public KeyEnvironment Environment { get; init; }

    public string Model { get; init; } = "";

    public string System { get; init; } = "";

    /// <summary>Definitions as JSON; empty: none.</summary>
    public string Tools { get; init; } = "";

    /// <summary>Empty: the model's own.</summary>
    public string Temperature { get; init; } = "";

    /// <summary>Empty: as many as the model likes.</summary>
    public string MaxTokens { get; init; } = "";

    public IReadOnlyList<Turn> Turns { get; init; } = [];
}

/// <summary>One message.</summary>
/// <param name="Role"><c>user</c>, <c>assistant</c> or <c>tool</c>.</param>
/// <param name="Content">Its text.</param>
public sealed record Turn(string Role, string Content)
{
    public static readonly IReadOnlyList<string> Roles = ["user", "assistant", "tool"];

    /// <summary>As <c>data:</c> addresses.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>What the model wants called, as it said it, in JSON; null: nothing.</summary>
    public string? Calls { get; init; }

    /// <summary>Of a tool's result: the call that it answers.</summary>
    public string? CallId { get; init; }

    public bool IsEmpty => Content.Length == 0 && Images.Count == 0 && Calls is null;
}
