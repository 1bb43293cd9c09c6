using System.Text.Json;

namespace Cencori.Edge.Projects;

/// <summary>The memory that an agent's chats go by, as its settings and its row have it.</summary>
public sealed record AgentMemory
{
    public const int UsualLimit = 5;

    /// <summary>Entries that are put into a prompt at most.</summary>
    public const int MaxLimit = 20;

    public const int LongestNamespace = 128;

    /// <summary>Name or id of the namespace. Which of the environments it is in says the key of a request.</summary>
    public required string Namespace { get; init; }

    /// <summary>How many entries at most, 1 to <see cref="MaxLimit"/>.</summary>
    public int Limit { get; init; } = UsualLimit;

    /// <summary>The least similarity, 0 to 1. Null: the namespace's own.</summary>
    public double? Threshold { get; init; }

    /// <summary>What is said is stored afterwards.</summary>
    public bool Store { get; init; }

    public static bool IsNamespace(string? name) => name is { Length: > 0 and <= LongestNamespace } && !name.Any(char.IsControl);

    public static bool IsLimit(int limit) => limit is >= 1 and <= MaxLimit;

    public static bool IsThreshold(double threshold) => threshold is >= 0 and <= 1;

    /// <summary>As the row has it. Null: none.</summary>
    public static AgentMemory? Read(string? json) => json is null ? null : JsonSerializer.Deserialize<AgentMemory>(json, JsonSerializerOptions.Web);

    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);
}
