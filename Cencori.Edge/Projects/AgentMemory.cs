using System.Text.Json;

namespace Cencori.Edge.Projects;

/// <summary>Memory settings of an agent's chats, as JSON in the API and in the database row of the agent.</summary>
public sealed record AgentMemory
{
    public const int DefaultLimit = 5;

    /// <summary>Maximum value of <see cref="Limit"/>.</summary>
    public const int MaxLimit = 20;

    public const int LongestNamespace = 128;

    /// <summary>Name or id of the memory namespace. It must exist in the environment of the request's key.</summary>
    public required string Namespace { get; init; }

    /// <summary>Maximum number of memory entries that are added to a prompt, 1 to <see cref="MaxLimit"/>.</summary>
    public int Limit { get; init; } = DefaultLimit;

    /// <summary>Minimum similarity of an added entry, 0 to 1. Null: the default of the namespace.</summary>
    public double? Threshold { get; init; }

    /// <summary>True: the edge stores the conversation in memory after the response.</summary>
    public bool Store { get; init; }

    public static bool IsNamespace(string? name) => name is { Length: > 0 and <= LongestNamespace } && !name.Any(char.IsControl);

    public static bool IsLimit(int limit) => limit is >= 1 and <= MaxLimit;

    public static bool IsThreshold(double threshold) => threshold is >= 0 and <= 1;

    /// <summary>Parses the JSON of an agent's row. Returns null for null: the agent has no memory.</summary>
    public static AgentMemory? Read(string? json) => json is null ? null : JsonSerializer.Deserialize<AgentMemory>(json, JsonSerializerOptions.Web);

    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);
}
