using Cencori.Edge.Providers.Catalog;

namespace Cencori.Edge.Tests.Providers.Catalog;

/// <summary>Providers that claim each other's models without <c>TakesFrom</c>.</summary>
public class ModelClaimsTests
{
    [Theory]
    [InlineData("gpt-*", "'gpt-*'")] // the same pattern
    [InlineData("gpt-5", "'gpt-5'")]
    [InlineData("gpt-4*", "'gpt-4*' of 'gpt-*'")] // a narrower pattern
    [InlineData("gpt-4o-mini", "'gpt-4o-mini' of 'gpt-*'")]
    [InlineData("own-* gpt-6* gpt-7* gpt-8* gpt-9*", "and 1 more")]
    public void A_claim_on_another_providers_models_is_reported_with_its_place(string models, string named)
    {
        var fault = Assert.Single(ModelClaims.Faults([Provider("acme", models), Provider("openai", "gpt-5 gpt-*")]));

        Assert.StartsWith("Cluster 'acme': Metadata:Models takes models of 'openai'", fault, StringComparison.Ordinal);
        Assert.Contains(named, fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("acme-*")]
    [InlineData("*")]
    [InlineData("")]
    public void Other_patterns_are_not_reported(string models) => Assert.Empty(ModelClaims.Faults([Provider("acme", models), Provider("openai", "gpt-5 gpt-*")]));

    [Fact]
    public void The_provider_with_the_narrower_pattern_makes_the_claim() => Assert.StartsWith(
        "Cluster 'openai': Metadata:Models takes models of 'acme': 'gpt-*' of 'g*'",
        Assert.Single(ModelClaims.Faults([Provider("acme", "g*"), Provider("openai", "gpt-*")])),
        StringComparison.Ordinal);

    [Fact]
    public void A_provider_may_claim_models_of_a_provider_in_TakesFrom() => Assert.Empty(ModelClaims.Faults([Provider("acme", "gpt-4* gpt-*", "openai"), Provider("openai", "gpt-5 gpt-*")]));

    [Theory]
    [InlineData("acme", "zeta", "Cluster 'acme'")]
    [InlineData("zeta", "acme", "Cluster 'acme'")]
    public void A_pattern_of_two_providers_is_reported_once(string one, string other, string place) =>
        Assert.StartsWith(place, Assert.Single(ModelClaims.Faults([Provider(one, "x-*"), Provider(other, "x-*")])), StringComparison.Ordinal);

    [Fact]
    public void A_misspelt_provider_is_reported_with_the_nearest_name() => Assert.Contains(
        "Did you mean 'openai'?",
        Assert.Single(ModelClaims.Faults([Provider("acme", "a-*", "opneai"), Provider("openai", "gpt-*")])),
        StringComparison.Ordinal);

    [Fact]
    public void A_model_that_is_read_as_another_providers_model_is_reported() =>
        Assert.Contains("never used", Assert.Single(ModelClaims.Faults([Provider("acme", "openai/gpt-4o"), Provider("openai", "gpt-*")])), StringComparison.Ordinal);

    private static ProviderDefinition Provider(string id, string models, params string[] takesFrom) =>
        new(id, CredentialScheme.Bearer, "/v1", models.Split(' ', StringSplitOptions.RemoveEmptyEntries), ProviderDefinition.DefaultActivityTimeout, NeedsBaseUrl: false) { TakesFrom = takesFrom };
}
