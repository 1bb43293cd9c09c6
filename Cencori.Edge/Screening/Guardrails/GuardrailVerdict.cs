namespace Cencori.Edge.Screening.Guardrails;

/// <summary>The decision of a guardrail about the texts of one <see cref="GuardrailRequest"/>.</summary>
internal sealed record GuardrailVerdict
{
    /// <summary>The verdict without findings.</summary>
    public static GuardrailVerdict Passed { get; } = new();

    /// <summary>Why the check failed, as a sentence that the edge wrote. Null: the check did not fail.</summary>
    public string? Fault { get; init; }

    /// <summary>True when the service blocks all texts of the request together, without naming one.</summary>
    public bool Blocks { get; init; }

    /// <summary>The hits, each with the text that it is in.</summary>
    public IReadOnlyList<Hit> Hits { get; init; } = [];

    /// <summary>The reason for the verdict, as the service states it. Shown only to administrators. Null: none.</summary>
    public string? Message { get; init; }

    /// <summary>Duration of the check.</summary>
    public TimeSpan Time { get; init; }

    /// <param name="Text">Index of the text, from 0.</param>
    /// <param name="Edit">The requested change. Null: the service requests none.</param>
    internal readonly record struct Hit(int Text, TextEdit? Edit);
}

/// <summary>Thrown when a guardrail check fails. The message says why, as a sentence that the edge wrote.</summary>
internal sealed class GuardrailFaultException(string message) : Exception(message);
