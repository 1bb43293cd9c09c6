using Cencori.Edge.Policies.Detectors;

namespace Cencori.Edge.Policies;

/// <summary>A finding of a rule in a text.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Place">Range in the source: bytes of JSON, or characters of plain text.</param>
public readonly record struct Hit(PolicyRule Rule, Finding Place);
