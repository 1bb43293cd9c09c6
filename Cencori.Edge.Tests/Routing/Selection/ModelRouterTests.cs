using System.Collections.Frozen;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Models;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Routing.Selection;
using Cencori.Edge.Storage;
using Yarp.ReverseProxy.Configuration;

namespace Cencori.Edge.Tests.Routing.Selection;

public class ModelRouterTests
{
    private static readonly ModelRouter Router = new(Catalog(
        ("openai", "Bearer", "gpt-4o gpt-* ft:* shared both-*"),
        ("anthropic", "x-api-key", "claude-* shared both-*"),
        ("together", "Bearer", "meta-llama/*"),
        ("openrouter", "Bearer", ""),
        ("ollama", "None", "llama3*"),
        ("sandbox", "None", "sandbox/*")));

    [Theory]
    [InlineData("gpt-4o", "openai", "gpt-4o")]
    [InlineData("gpt-9-preview", "openai", "gpt-9-preview")]
    [InlineData("openai/gpt-4o", "openai", "gpt-4o")]
    [InlineData("openai:gpt-4o", "openai", "gpt-4o")]
    [InlineData("anthropic/whatever-comes", "anthropic", "whatever-comes")]
    [InlineData("openrouter/openai/gpt-4o", "openrouter", "openai/gpt-4o")]
    [InlineData("openrouter:openai/gpt-4o:free", "openrouter", "openai/gpt-4o:free")]
    [InlineData("together/meta-llama/Llama-3", "together", "meta-llama/Llama-3")]
    [InlineData("meta-llama/Llama-3", "together", "meta-llama/Llama-3")]
    [InlineData("ft:gpt-4o:org::id", "openai", "ft:gpt-4o:org::id")]
    [InlineData("openai/ft:gpt-4o:org::id", "openai", "ft:gpt-4o:org::id")]
    [InlineData("llama3:8b", "ollama", "llama3:8b")]
    [InlineData("ollama/mistral:7b", "ollama", "mistral:7b")]
    [InlineData("quick", "openai", "gpt-4o")] // an alias
    [InlineData("clever", "anthropic", "claude-x")] // an alias of an explicit provider/model
    [InlineData("gpt-hidden", "anthropic", "claude-y")] // an alias goes before a pattern
    public void A_model_is_routed_to_its_provider_under_the_providers_own_name(string model, string provider, string upstream)
    {
        Assert.Null(Router.Choose(Everything(), model, null, out var choice));

        Assert.Equal((provider, upstream), (choice.Provider.Id, choice.Model));
        Assert.Equal(provider, choice.Credential?.Provider);
    }

    [Theory]
    [InlineData("nobody-knows-me")]
    [InlineData("openai/")]
    [InlineData("/gpt-4o")]
    [InlineData(":gpt-4o")]
    [InlineData("OpenAI/gpt-4o")]
    [InlineData("quick2")]
    public void A_model_that_no_provider_serves_is_not_found(string model)
    {
        var problem = Router.Choose(Everything(), model, null, out _);

        Assert.Equal((ErrorKind.ModelNotFound, "model"), (problem?.Kind, problem?.Param));
    }

    [Theory]
    [InlineData("shared")]
    [InlineData("both-1")]
    public void Of_several_providers_the_one_with_a_credential_serves_the_model(string model)
    {
        Assert.Null(Router.Choose(Caller(["anthropic"]), model, null, out var second));
        Assert.Null(Router.Choose(Caller(["anthropic", "openai"]), model, null, out var first));

        Assert.Equal(("anthropic", "openai"), (second.Provider.Id, first.Provider.Id));
    }

    [Fact]
    public void A_credential_of_the_other_environment_does_not_count()
    {
        var problem = Router.Choose(Caller(["openai"], credentialsOf: KeyEnvironment.Test), "gpt-4o", null, out _);

        Assert.Equal(ErrorKind.ProviderNotConfigured, problem?.Kind);
        Assert.Contains("'openai'", problem!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_credential_that_cannot_be_decrypted_counts_as_not_configured_in_either_environment()
    {
        foreach (var environment in Enum.GetValues<KeyEnvironment>())
        {
            var problem = Router.Choose(Caller(["openai"], environment, environment, secret: null), "gpt-4o", null, out _);
            Assert.Equal(ErrorKind.ProviderNotConfigured, problem?.Kind);
        }
    }

    [Fact]
    public void A_test_key_without_a_test_credential_uses_the_sandbox_and_never_a_production_credential()
    {
        Assert.Null(Router.Choose(Caller(["openai"], KeyEnvironment.Test, KeyEnvironment.Production), "openai/gpt-4o", null, out var standIn));
        Assert.Null(Router.Choose(Caller(["openai"], KeyEnvironment.Test, KeyEnvironment.Test), "gpt-4o", null, out var own));

        Assert.Equal(("sandbox", null, "gpt-4o"), (standIn.Provider.Id, standIn.Credential, standIn.Model));
        Assert.Equal(("openai", KeyEnvironment.Test), (own.Provider.Id, own.Credential?.Environment));
    }

    [Theory]
    [InlineData("unheard-of-model", "together", "together", "unheard-of-model")]
    [InlineData("gpt-4o", "openrouter", "openrouter", "gpt-4o")]
    [InlineData("openai/gpt-4o", "openrouter", "openrouter", "openai/gpt-4o")] // openrouter itself uses this model name
    [InlineData("openrouter/openai/gpt-4o", "openrouter", "openrouter", "openai/gpt-4o")]
    [InlineData(null, "anthropic", "anthropic", null)]
    public void A_named_provider_decides_unless_the_model_names_one(string? model, string named, string provider, string? upstream)
    {
        Assert.Null(Router.Choose(Everything(), model, named, out var choice));

        Assert.Equal((provider, upstream), (choice.Provider.Id, choice.Model));
    }

    [Theory] // an operator's own machine needs no credential, but is not open to every project
    [InlineData(KeyEnvironment.Production, null)]
    [InlineData(KeyEnvironment.Test, "sandbox")]
    public void A_provider_without_credentials_serves_only_projects_with_a_stored_key(KeyEnvironment environment, string? provider)
    {
        var problem = Router.Choose(Caller([], environment), "llama3:8b", null, out var choice);

        Assert.Equal(provider is null ? ErrorKind.ProviderNotConfigured : null, problem?.Kind);
        Assert.Equal(provider, problem is null ? choice.Provider.Id : null);
    }

    [Theory]
    [InlineData("gpt-4o", "nobody")]
    [InlineData(null, "")]
    public void An_unknown_named_provider_is_an_invalid_request(string? model, string named)
    {
        var problem = Router.Choose(Everything(), model, named, out _);

        Assert.Equal((ErrorKind.InvalidRequest, "X-Cencori-Provider"), (problem?.Kind, problem?.Param));
    }

    [Theory]
    [InlineData("together", "claude-x", "anthropic", "together")] // the project's default provider
    [InlineData(null, "claude-x", "anthropic openai", "anthropic")] // else the default model's provider
    [InlineData(null, "clever", "anthropic openai", "anthropic")] // which may be an alias
    [InlineData(null, null, "anthropic", "anthropic")] // else the only one with a credential
    [InlineData(null, null, "anthropic openai", "openai")] // else OpenAI
    [InlineData(null, "nobody-knows-me", "anthropic", "anthropic")]
    public void A_request_without_a_model_goes_to_the_default_provider(string? defaultProvider, string? defaultModel, string credentials, string expected)
    {
        var caller = Caller(credentials.Split(' '), defaultProvider: defaultProvider, defaultModel: defaultModel);

        var problem = Router.Choose(caller, null, null, out var choice);

        Assert.Equal((expected, null), (choice.Provider.Id, choice.Model));
        Assert.Equal(defaultProvider is null ? null : ErrorKind.ProviderNotConfigured, problem?.Kind);
    }

    [Theory]
    [InlineData("gpt-4o", true)]
    [InlineData("openai/gpt-4o", true)]
    [InlineData("quick", true)]
    [InlineData("clever", true)] // the alias itself is allowed
    [InlineData("claude-x", false)]
    [InlineData("openrouter/gpt-4o-mini", false)]
    [InlineData("together/any", true)]
    public void A_key_with_a_model_list_may_use_only_the_listed_models(string model, bool allowed)
    {
        var problem = Router.Choose(Everything(["gpt-4o", "clever", "together:*"]), model, null, out _);

        Assert.Equal(allowed ? null : Reasons.ModelNotAllowed, problem?.Reason);
    }

    private static Caller Everything(string[]? allowedModels = null) => Caller(["openai", "anthropic", "together", "openrouter", "ollama"], allowedModels: allowedModels);

    private static Caller Caller(
        string[] providers,
        KeyEnvironment environment = KeyEnvironment.Production,
        KeyEnvironment credentialsOf = KeyEnvironment.Production,
        string? secret = "secret",
        string? defaultProvider = null,
        string? defaultModel = null,
        string[]? allowedModels = null) => new(
        new ApiKey
        {
            Id = "key", ProjectId = "project", Type = KeyType.Secret, Environment = environment,
            AllowedDomains = [], AllowedModels = allowedModels is null ? null : new AllowedModels(allowedModels), ExpiresAt = null, IsRevoked = false,
        },
        new ProjectSnapshot
        {
            Id = "project",
            DefaultModel = defaultModel,
            DefaultProvider = defaultProvider,
            ModelAliases = new Dictionary<string, string> { ["quick"] = "gpt-4o", ["clever"] = "anthropic/claude-x", ["gpt-hidden"] = "claude-y" }.ToFrozenDictionary(),
            RateLimits = RateLimits.Default,
            Credentials = [.. providers.Select(provider => new ProviderCredential(provider, credentialsOf, "hint", secret, null))],
        });

    private static ProviderCatalog Catalog(params (string Id, string Credential, string Models)[] providers)
    {
        var catalog = new ProviderCatalog();
        catalog.ConfigurationApplied([new InMemoryConfigProvider(
            [.. providers.Select(provider => new RouteConfig { RouteId = ProviderDefinition.RouteIdOf(provider.Id), ClusterId = provider.Id })],
            [.. providers.Select(provider => new ClusterConfig
            {
                ClusterId = provider.Id,
                Metadata = new Dictionary<string, string> { [ProviderDefinition.CredentialKey] = provider.Credential, [ProviderDefinition.ModelsKey] = provider.Models },
            })]).GetConfig()]);
        return catalog;
    }
}
