namespace Cencori.Edge.Screening.Guardrails;

/// <summary>What a guardrail says of texts.</summary>
internal sealed record GuardrailVerdict
{
    /// <summary>Nothing was found.</summary>
    public static GuardrailVerdict Passed { get; } = new();

    /// <summary>Why it could not be asked, in words of our own. Null: it was.</summary>
    public string? Fault { get; init; }

    /// <summary>It says that none of it must pass, and not where.</summary>
    public bool Blocks { get; init; }

    /// <summary>By text.</summary>
    public IReadOnlyList<Hit> Hits { get; init; } = [];

    /// <summary>Why, in its own words: for who administers, and nobody else.</summary>
    public string? Told { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Time { get; init; }

    /// <param name="Text">Which, from 0.</param>
    /// <param name="Edit">What is to be changed. Null: it does not say.</param>
    internal readonly record struct Hit(int Text, TextEdit? Edit);
}

/// <summary>A guardrail has failed; the message says why, in words of our own.</summary>
internal sealed class GuardrailFaultException(string message) : Exception(message);
