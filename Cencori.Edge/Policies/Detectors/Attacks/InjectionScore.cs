namespace Cencori.Edge.Policies.Detectors.Attacks;

/// <param name="Value">0 to 1: the likelihood of an injection.</param>
/// <param name="Strongest">The strongest phrase in the text. Empty when the text has none.</param>
internal readonly record struct InjectionScore(double Value, Finding Strongest);
