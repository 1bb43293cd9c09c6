namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>For tests that hold the edge to seconds: nothing else of the run takes the machine from them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
