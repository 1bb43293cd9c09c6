using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening.Guardrails;

/// <summary>What one guardrail is asked.</summary>
/// <param name="Rule">Whose guardrail.</param>
/// <param name="Texts">About what.</param>
/// <param name="IsTooMuch">There is more, which is a failure.</param>
internal sealed record GuardrailRequest(PolicyRule Rule, IReadOnlyList<string> Texts, bool IsTooMuch);
