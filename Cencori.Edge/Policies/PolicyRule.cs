using Cencori.Edge.Policies.Detectors;

namespace Cencori.Edge.Policies;

/// <summary>A rule as requests meet it.</summary>
public sealed record PolicyRule
{
    public required string Id { get; init; }

    public required PolicyKind Kind { get; init; }

    /// <summary>Never <see cref="PolicyAction.Off"/>.</summary>
    public required PolicyAction Action { get; init; }

    public required Detector Detector { get; init; }

    /// <summary>The service that says what is a hit. Null: the detector does.</summary>
    public Guardrail? Guardrail { get; init; }

    public required bool IsForInput { get; init; }

    public required bool IsForOutput { get; init; }

    /// <summary>Where <see cref="Action"/> holds.</summary>
    public required PolicyRoles Roles { get; init; }

    /// <summary>Where hits are only counted.</summary>
    public required PolicyRoles Counted { get; init; }

    /// <summary>What callers are told, from a closed list: <c>pii.card</c>, <c>secret.api_key</c>, <c>injection</c>; with <c>rule.</c> the id of a rule of one's own, with <c>guardrail.</c> that of one that asks a service.</summary>
    public required string Reason { get; init; }

    /// <summary>What stands in the place of what is masked.</summary>
    public required string Mask { get; init; }

    /// <summary>What is no hit, in lower case; with a <c>*</c> before it, an end of it.</summary>
    public required string[] Allow { get; init; }

    /// <summary>Characters before a text that decide what is found in it.</summary>
    public int Context { get; init; } = 64;

    /// <summary>Whether masks hold in what is embedded.</summary>
    public bool MasksEmbeddings { get; init; }

    /// <summary>Nobody has set it: the project has rules, and so this one.</summary>
    public bool IsImplied { get; init; }

    /// <summary>What becomes of a hit in somebody's words.</summary>
    /// <param name="role">Whose.</param>
    /// <param name="isEmbedded">The text is embedded.</param>
    public PolicyAction ActionFor(PolicyRoles role, bool isEmbedded) =>
        (Roles & role) != 0 ? isEmbedded && !MasksEmbeddings && Kind != PolicyKind.OwnKey && (Action is PolicyAction.Mask or PolicyAction.Tokenize) ? PolicyAction.Monitor : Action
        : (Counted & role) != 0 ? PolicyAction.Monitor
        : PolicyAction.Off;

    /// <summary>The project says that this is no hit. As it was written: what only looks like it may be anything.</summary>
    public bool Allows(ReadOnlySpan<char> found)
    {
        foreach (var allowed in Allow)
        {
            if (allowed[0] == '*' ? found.EndsWith(allowed.AsSpan(1), StringComparison.OrdinalIgnoreCase) : found.Equals(allowed, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
