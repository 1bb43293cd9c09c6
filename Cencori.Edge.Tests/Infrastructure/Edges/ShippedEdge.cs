namespace Cencori.Edge.Tests.Infrastructure.Edges;

/// <summary>One edge with the shipped configuration, for all tests of a class.</summary>
public sealed class ShippedEdge : IAsyncLifetime
{
    public RunningEdge Edge { get; private set; } = null!;

    public async Task InitializeAsync() => Edge = await RunningEdge.StartAsync();

    public async Task DisposeAsync() => await Edge.DisposeAsync();
}
