namespace Cencori.Edge.Tests.Infrastructure.Edges;

/// <summary>The scripted provider serves <c>openai</c> and <c>groq</c>. The project also has an <c>openai</c> credential for test keys.</summary>
public sealed class TwoProvidersEdge : RespondingEdge
{
    protected override IEnumerable<string> Settings => [RunningEdge.Destination("groq", Provider.Address)];

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Edge.StoreProviderKeyAsync(ProjectId, "groq");
        await Edge.StoreProviderKeyAsync(ProjectId, "openai", "test");
    }
}
