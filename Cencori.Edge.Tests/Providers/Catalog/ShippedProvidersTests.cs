using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy;

namespace Cencori.Edge.Tests.Providers.Catalog;

/// <summary>The providers in the shipped yarp.json: a mistake there would send a credential to the wrong server.</summary>
public class ShippedProvidersTests(ShippedEdge shared) : IClassFixture<ShippedEdge>
{
    private readonly ProviderCatalog _catalog = shared.Edge.Services.GetRequiredService<ProviderCatalog>();

    [Theory]
    [InlineData("openai", "https://api.openai.com", "/v1", "Bearer")]
    [InlineData("anthropic", "https://api.anthropic.com", "/v1", "Anthropic")]
    [InlineData("google", "https://generativelanguage.googleapis.com", "/v1beta/openai", "Bearer")]
    [InlineData("mistral", "https://api.mistral.ai", "/v1", "Bearer")]
    [InlineData("groq", "https://api.groq.com", "/openai/v1", "Bearer")]
    [InlineData("deepseek", "https://api.deepseek.com", "/v1", "Bearer")]
    [InlineData("xai", "https://api.x.ai", "/v1", "Bearer")]
    [InlineData("together", "https://api.together.xyz", "/v1", "Bearer")]
    [InlineData("openrouter", "https://openrouter.ai", "/api/v1", "Bearer")]
    [InlineData("azure-openai", "https://set-base-url-on-the-provider-key.invalid", "/openai/v1", "api-key")]
    [InlineData("ollama", "http://localhost:11434", "/v1", "None")]
    [InlineData("sandbox", "http://sandbox.invalid", "/v1", "None")]
    public void A_provider_has_its_address_path_and_credential_scheme(string id, string address, string pathBase, string scheme)
    {
        var provider = _catalog.Find(id);
        Assert.True(shared.Edge.Services.GetRequiredService<IProxyStateLookup>().TryGetCluster(id, out var cluster));

        Assert.Equal(address, Assert.Single(cluster.Destinations).Value.Model.Config.Address);
        Assert.Equal(pathBase, provider?.PathBase);
        Assert.Same(CredentialScheme.Parse(scheme), provider?.CredentialScheme);
        Assert.Equal(id == "azure-openai", provider?.NeedsBaseUrl);

        // Mistral rejects stream_options and reports usage without it.
        Assert.Equal(id != "mistral", provider?.StreamUsage);
    }

    [Fact]
    public void There_are_twelve_providers() => Assert.Equal(12, _catalog.All.Count);

    [Fact]
    public void Every_listed_model_is_served_by_the_provider_that_lists_it_and_no_other() =>
        Assert.All(_catalog.Models.Listed, listed => Assert.Equal([listed.Provider], _catalog.Models.Find(listed.Model)));

    [Fact]
    public void Every_pattern_can_be_reached() => Assert.All(
        _catalog.All.SelectMany(provider => provider.Models.Select(model => (Provider: provider, Model: model.Replace("*", "x", StringComparison.Ordinal)))),
        served =>
        {
            Assert.Contains(served.Provider, _catalog.Models.Find(served.Model));

            // A model that begins with another provider's id and a separator never reaches the patterns.
            var first = _catalog.Find(served.Model.Split('/', ':')[0]);
            Assert.True(first is null || first == served.Provider, $"'{served.Model}' means the provider {first?.Id}, not {served.Provider.Id}.");
        });

    [Theory]
    [InlineData("gpt-4o-2024-11-20", "openai")]
    [InlineData("ft:gpt-4o:org::id", "openai")]
    [InlineData("claude-3-5-haiku-latest", "anthropic")]
    [InlineData("whisper-1", "openai")]
    [InlineData("whisper-large-v3", "groq")]
    [InlineData("llama-3.1-8b-instant", "groq")]
    [InlineData("llama3:8b", "ollama")]
    [InlineData("deepseek-r1:7b", "ollama")]
    [InlineData("deepseek-reasoner", "deepseek")]
    [InlineData("mistral-large-latest", "mistral")]
    [InlineData("gemma-3-27b-it", "google")]
    [InlineData("gemma3:4b", "ollama")]
    [InlineData("meta-llama/Llama-3.3-70B-Instruct-Turbo", "together")]
    [InlineData("meta-llama/llama-4-scout-17b-16e-instruct", "groq")]
    [InlineData("sandbox/echo", "sandbox")]
    public void A_well_known_model_finds_its_provider(string model, string provider) =>
        Assert.Equal([provider], _catalog.Models.Find(model).Select(found => found.Id));
}
