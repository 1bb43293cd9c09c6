using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Playground;

/// <summary>The playground's input as the user typed it, not validated.</summary>
public sealed record PlaygroundInput
{
    public KeyEnvironment Environment { get; init; }

    public string Model { get; init; } = "";

    public string System { get; init; } = "";

    /// <summary>Tool definitions as JSON; empty: none.</summary>
    public string Tools { get; init; } = "";

    /// <summary>The temperature; empty: the model's default.</summary>
    public string Temperature { get; init; } = "";

    /// <summary>The limit on output tokens; empty: no limit.</summary>
    public string MaxTokens { get; init; } = "";

    public IReadOnlyList<Turn> Turns { get; init; } = [];
}

/// <summary>One message of the conversation.</summary>
/// <param name="Role"><c>user</c>, <c>assistant</c> or <c>tool</c>.</param>
/// <param name="Content">The text of the message.</param>
public sealed record Turn(string Role, string Content)
{
    public static readonly IReadOnlyList<string> Roles = ["user", "assistant", "tool"];

    /// <summary>Images as <c>data:</c> URLs.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>The tool calls that the model requested, as JSON; null: none.</summary>
    public string? Calls { get; init; }

    /// <summary>For the result of a tool call: the id of the call. Null: the message is no tool result.</summary>
    public string? CallId { get; init; }

    /// <summary>False for an empty message, which is not sent. An empty tool result is sent: the call needs a result.</summary>
    public bool IsSent => !IsEmpty || Role == "tool";

    public bool IsEmpty => Content.Length == 0 && Images.Count == 0 && Calls is null;
}
