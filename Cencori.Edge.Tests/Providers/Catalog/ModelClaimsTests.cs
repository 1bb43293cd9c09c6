using Cencori.Edge.Providers.Catalog;

namespace Cencori.Edge.Tests.Providers.Catalog;

/// <summary>Providers that take each other's models without saying so.</summary>
public class ModelClaimsTests
{
    [Theory]
    [InlineData("gpt-*", "'gpt-*'")] // the very same
    [InlineData("gpt-5", "'gpt-5'")]
    [InlineData("gpt-4*", "'gpt-4*' of 'gpt-*'")] // a part of it
    [InlineData("gpt-4o-mini", "'gpt-4o-mini' of 'gpt-*'")]
    [InlineData("own-* gpt-6* gpt-7* gpt-8* gpt-9*", "and 1 more")]
    public void What_another_serves_is_told_with_its_place(string models, string named)
    {
        var fault = Assert.Single(ModelClaims.Faults([Provider("acme", models), Provider("openai", "gpt-5 gpt-*")]));

        Assert.StartsWith("Cluster 'acme': Metadata:Models takes models of 'openai'", fault, StringComparison.Ordinal);
        Assert.Contains(named, fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("acme-*")]
    [InlineData("*")]
    [InlineData("")]
    public void What_takes_nothing_is_not_told(string models) => Assert.Empty(ModelClaims.Faults([Provider("acme", models), Provider("openai", "gpt-5 gpt-*")]));

    [Fact]
    public void What_is_narrower_takes_from_what_is_wider() => Assert.StartsWith(
        "Cluster 'openai': Metadata:Models takes models of 'acme': 'gpt-*' of 'g*'",
        Assert.Single(ModelClaims.Faults([Provider("acme", "g*"), Provider("openai", "gpt-*")])),
        StringComparison.Ordinal);

    [Fact]
    public void Who_says_so_may_take_models() => Assert.Empty(ModelClaims.Faults([Provider("acme", "gpt-4* gpt-*", "openai"), Provider("openai", "gpt-5 gpt-*")]));

    [Theory]
    [InlineData("acme", "zeta", "Cluster 'acme'")]
    [InlineData("zeta", "acme", "Cluster 'acme'")]
    public void What_both_have_is_told_once(string one, string other, string place) =>
        Assert.StartsWith(place, Assert.Single(ModelClaims.Faults([Provider(one, "x-*"), Provider(other, "x-*")])), StringComparison.Ordinal);

    [Fact]
    public void A_misspelt_provider_is_told_with_the_nearest() => Assert.Contains(
        "Did you mean 'openai'?",
        Assert.Single(ModelClaims.Faults([Provider("acme", "a-*", "opneai"), Provider("openai", "gpt-*")])),
        StringComparison.Ordinal);

    [Fact]
    public void A_model_that_is_read_as_one_of_another_provider_is_told() =>
        Assert.Contains("never reached", Assert.Single(ModelClaims.Faults([Provider("acme", "openai/gpt-4o"), Provider("openai", "gpt-*")])), StringComparison.Ordinal);

    private static ProviderDefinition Provider(string id, string models, params string[] takesFrom) =>
        new(id, CredentialScheme.Bearer, "/v1", models.Split(' ', StringSplitOptions.RemoveEmptyEntries), ProviderDefinition.DefaultActivityTimeout, NeedsBaseUrl: false) { TakesFrom = takesFrom };
}
