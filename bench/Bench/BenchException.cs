namespace Cencori.Edge.Bench;

/// <summary>Why there can be no figures.</summary>
internal sealed class BenchException(string message) : Exception(message);
