using Cencori.Edge.Policies;

namespace Cencori.Edge.Screening.Guardrails;

/// <summary>One request to a guardrail service: the texts to check.</summary>
/// <param name="Rule">The rule of the guardrail.</param>
/// <param name="Texts">The texts to check.</param>
/// <param name="IsTooMuch">
/// True when there is more text than the edge sends to a service. The service is then not called, and the verdict has a <see cref="GuardrailVerdict.Fault"/>.
/// </param>
internal sealed record GuardrailRequest(PolicyRule Rule, IReadOnlyList<string> Texts, bool IsTooMuch);
