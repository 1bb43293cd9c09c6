namespace Cencori.Edge.Screening.Guardrails;

/// <summary>The verdict of a guardrail about texts.</summary>
internal sealed record GuardrailVerdict
{
    /// <summary>Nothing was found.</summary>
    public static GuardrailVerdict Passed { get; } = new();

    /// <summary>Why the check failed, in the edge's own words. Null: it did not fail.</summary>
    public string? Fault { get; init; }

    /// <summary>True when the service blocks all texts without naming a place.</summary>
    public bool Blocks { get; init; }

    /// <summary>Hits by text.</summary>
    public IReadOnlyList<Hit> Hits { get; init; } = [];

    /// <summary>The reason in the service's own words. Shown only to administrators.</summary>
    public string? Told { get; init; }

    /// <summary>Duration of the check.</summary>
    public TimeSpan Time { get; init; }

    /// <param name="Text">Index of the text, from 0.</param>
    /// <param name="Edit">The requested change. Null: the service requests none.</param>
    internal readonly record struct Hit(int Text, TextEdit? Edit);
}

/// <summary>A guardrail check failed. The message says why, in the edge's own words.</summary>
internal sealed class GuardrailFaultException(string message) : Exception(message);
