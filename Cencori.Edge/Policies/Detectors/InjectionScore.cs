namespace Cencori.Edge.Policies.Detectors;

/// <param name="Value">0 to 1: how much speaks for an injection.</param>
/// <param name="Strongest">What in the text says so most clearly; empty where nothing in it does.</param>
internal readonly record struct InjectionScore(double Value, Finding Strongest);
