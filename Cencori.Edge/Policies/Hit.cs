using Cencori.Edge.Policies.Detectors;

namespace Cencori.Edge.Policies;

/// <summary>A finding that counts as a hit of a rule: exceptions of the rule are already removed.</summary>
/// <param name="Rule">The rule that found it.</param>
/// <param name="Place">Range in the source: bytes of JSON, or characters of plain text.</param>
public readonly record struct Hit(PolicyRule Rule, Finding Place);
