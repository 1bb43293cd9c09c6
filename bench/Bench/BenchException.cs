namespace Cencori.Edge.Bench;

/// <summary>Why the benchmark cannot produce figures.</summary>
internal sealed class BenchException(string message) : Exception(message);
