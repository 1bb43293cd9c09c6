using Cencori.Edge.Providers.Catalog;

namespace Cencori.Edge.Tests.Providers.Catalog;

public class ModelTableTests
{
    private static readonly ModelTable Table = new(
    [
        Provider("first", "alpha", "beta-*", "shared", "gamma-*"),
        Provider("second", "beta-large", "beta-large-*", "shared", "gamma-*"),
        Provider("third", "beta-la*", "*"),
    ]);

    [Theory]
    [InlineData("alpha", "first")]
    [InlineData("beta-", "first")]
    [InlineData("beta-small", "first")]
    [InlineData("beta-large", "second")] // an exact name precedes any pattern
    [InlineData("beta-large-2", "second")] // the longest pattern wins
    [InlineData("beta-larry", "third")]
    [InlineData("shared", "first second")]
    [InlineData("gamma-1", "first second")]
    [InlineData("anything", "third")]
    [InlineData("ALPHA", "third")] // names are case-sensitive
    public void The_best_match_wins(string model, string providers) =>
        Assert.Equal(providers, string.Join(' ', Table.Find(model).Select(provider => provider.Id)));

    [Fact]
    public void A_model_that_nobody_serves_has_no_provider() => Assert.Empty(new ModelTable([Provider("first", "alpha", "beta-*")]).Find("delta"));

    [Fact]
    public void Exact_names_are_listed_and_patterns_are_not() => Assert.Equal(
        [("alpha", "first"), ("shared", "first"), ("beta-large", "second"), ("shared", "second")],
        Table.Listed.Select(listed => (listed.Model, listed.Provider.Id)));

    [Fact]
    public void A_duplicate_name_counts_once() => Assert.Single(new ModelTable([Provider("first", "alpha", "alpha")]).Find("alpha"));

    private static ProviderDefinition Provider(string id, params string[] models) =>
        new(id, CredentialScheme.Bearer, "/v1", models, ProviderDefinition.DefaultActivityTimeout, NeedsBaseUrl: false);
}
