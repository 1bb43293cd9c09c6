using Cencori.Edge.Projects;

namespace Cencori.Edge.Providers;

/// <summary>What was decided about this request; the transforms only carry it out.</summary>
/// <param name="Provider">Where it goes.</param>
/// <param name="Credential">The project's own credential. Null only for the sandbox.</param>
/// <param name="Path">The path after <c>/v1</c>.</param>
public sealed record ProviderCall(ProviderDefinition Provider, ProviderCredential? Credential, PathString Path)
{
    /// <summary>Called when the provider's last byte has been read, and before the caller can have it; perhaps more than once.</summary>
    public required Action AnswerEnded { get; init; }
}
