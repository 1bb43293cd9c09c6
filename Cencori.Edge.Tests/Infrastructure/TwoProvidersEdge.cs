namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>The provider stands behind <c>groq</c> too, and a test key of the project reaches it as a production key does.</summary>
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
