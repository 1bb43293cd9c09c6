using System.Text.Json;

namespace Cencori.Edge.Projects;

/// <summary>Memory settings of an agent's chats, in the API and in the agent's row.</summary>
public sealed record AgentMemory
{
    public const int UsualLimit = 5;

    /// <summary>Most entries that are added to a prompt.</summary>
    public const int MaxLimit = 20;

    public const int LongestNamespace = 128;

    /// <summary>Name or id of the namespace, in the environment of the request's key.</summary>
    public required string Namespace { get; init; }

    /// <summary>Most entries, 1 to <see cref="MaxLimit"/>.</summary>
    public int Limit { get; init; } = UsualLimit;

    /// <summary>Minimum similarity, 0 to 1. Null: the namespace's default.</summary>
    public double? Threshold { get; init; }

    /// <summary>True: stores the conversation afterwards.</summary>
    public bool Store { get; init; }

    public static bool IsNamespace(string? name) => name is { Length: > 0 and <= LongestNamespace } && !name.Any(char.IsControl);

    public static bool IsLimit(int limit) => limit is >= 1 and <= MaxLimit;

    public static bool IsThreshold(double threshold) => threshold is >= 0 and <= 1;

    /// <summary>Reads the row's JSON. Null: no memory.</summary>
    public static AgentMemory? Read(string? json) => json is null ? null : JsonSerializer.Deserialize<AgentMemory>(json, JsonSerializerOptions.Web);

    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);
}
