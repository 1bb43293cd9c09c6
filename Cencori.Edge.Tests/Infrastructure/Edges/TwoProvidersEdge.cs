namespace Cencori.Edge.Tests.Infrastructure.Edges;

/// <summary>The scripted provider is also <c>groq</c>, and a test key of the project reaches it as a production key does.</summary>
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
