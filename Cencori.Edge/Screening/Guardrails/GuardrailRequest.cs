using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening.Guardrails;

/// <summary>One question to a guardrail: the texts to check.</summary>
/// <param name="Rule">The rule of the guardrail.</param>
/// <param name="Texts">The texts to check.</param>
/// <param name="IsTooMuch">True when there is more text than allowed. This counts as a failed check.</param>
internal sealed record GuardrailRequest(PolicyRule Rule, IReadOnlyList<string> Texts, bool IsTooMuch);
