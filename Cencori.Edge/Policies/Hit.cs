using Cencori.Edge.Policies.Detectors;

namespace Cencori.Edge.Policies;

/// <summary>What a rule has found in a text.</summary>
/// <param name="Rule">Which.</param>
/// <param name="Place">Where, in units of the source: bytes of JSON, or characters of plain text.</param>
public readonly record struct Hit(PolicyRule Rule, Finding Place);
