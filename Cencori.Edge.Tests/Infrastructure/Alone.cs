namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>For tests with time limits of seconds: no other test runs at the same time.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
