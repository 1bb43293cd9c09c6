using Cencori.Edge.Policies.Detectors;

namespace Cencori.Edge.Policies;

/// <summary>A rule prepared for requests.</summary>
public sealed record PolicyRule
{
    public required string Id { get; init; }

    public required PolicyKind Kind { get; init; }

    /// <summary>The action for a hit in a text of <see cref="Roles"/>. Never <see cref="PolicyAction.Off"/>.</summary>
    public required PolicyAction Action { get; init; }

    public required Detector Detector { get; init; }

    /// <summary>The service that decides on hits. Null: the detector decides.</summary>
    public Guardrail? Guardrail { get; init; }

    public required bool IsForInput { get; init; }

    public required bool IsForOutput { get; init; }

    /// <summary>Roles to which <see cref="Action"/> applies.</summary>
    public required PolicyRoles Roles { get; init; }

    /// <summary>Roles in whose texts hits are only counted, without any action.</summary>
    public required PolicyRoles Counted { get; init; }

    /// <summary>The reason that callers receive, from a fixed list: <c>pii.card</c>, <c>secret.api_key</c>, <c>injection</c>; <c>rule.</c> and the rule's id for words and
    /// patterns, <c>guardrail.</c> and the rule's id for guardrails.</summary>
    public required string Reason { get; init; }

    /// <summary>The text that replaces a masked finding.</summary>
    public required string Mask { get; init; }

    /// <summary>Texts that are not hits, in any letter case. A <c>*</c> before a text: everything that ends with the text.</summary>
    public required string[] Allow { get; init; }

    /// <summary>A finding can depend on this many characters before it. Streams therefore keep so much of the text that is already sent.</summary>
    public int Context { get; init; } = 64;

    /// <summary>True when masks also apply to embeddings.</summary>
    public bool MasksEmbeddings { get; init; }

    /// <summary>True for the rule that the edge adds to every project with rules: <see cref="PolicySet.OwnKeyRule"/>.</summary>
    public bool IsImplied { get; init; }

    /// <summary>The action for a hit in the text of a role.</summary>
    /// <param name="role">The role.</param>
    /// <param name="isEmbedded">True when the text is input for embeddings.</param>
    public PolicyAction ActionFor(PolicyRoles role, bool isEmbedded) =>
        (Roles & role) != 0 ? isEmbedded && !MasksEmbeddings && Kind != PolicyKind.OwnKey && (Action is PolicyAction.Mask or PolicyAction.Tokenize) ? PolicyAction.Monitor : Action
        : (Counted & role) != 0 ? PolicyAction.Monitor
        : PolicyAction.Off;

    /// <summary>True when <see cref="Allow"/> contains this text. Compares the original spelling: a text that only looks like an allowed one is not allowed.</summary>
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
