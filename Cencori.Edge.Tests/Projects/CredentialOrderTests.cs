using System.Collections.Frozen;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;
using CsCheck;

namespace Cencori.Edge.Tests.Projects;

/// <summary>The order of several credentials in a snapshot.</summary>
public sealed class CredentialOrderTests
{
    private static readonly Gen<ProviderCredential> Some = Gen.Select(
        Gen.OneOfConst("default", "a", "b", "B", "Z"), Gen.OneOfConst("openai", "groq"), Gen.Enum<KeyEnvironment>(), Gen.Int[0, 2], Gen.Int[0, 2], Gen.Bool,
        (name, provider, environment, weight, rank, opens) => new ProviderCredential(provider, environment, "", opens ? "sk" : null, null) { Name = name, Weight = weight, Rank = rank });

    [Fact]
    public void Credentials_are_sorted_by_rank_then_undrained_then_default_then_name()
    {
        var snapshot = Of(One("b"), One("default"), One("a"), One("drained", weight: 0), One("last", rank: 1), One("default", rank: 2), One("default", environment: KeyEnvironment.Test), One("default", provider: "groq"));

        Assert.Equal(["default", "a", "b", "drained", "last", "default"], snapshot.CredentialsOf("openai", KeyEnvironment.Production).Select(one => one.Name));
        Assert.Equal("default", snapshot.Credential("openai", KeyEnvironment.Production)!.Name);
        Assert.Single(snapshot.CredentialsOf("openai", KeyEnvironment.Test));
        Assert.Empty(snapshot.CredentialsOf("groq", KeyEnvironment.Test));
        Assert.Null(snapshot.Credential("groq", KeyEnvironment.Test));
    }

    [Fact]
    public void A_drained_or_unopenable_credential_is_used_only_without_another()
    {
        Assert.Equal("b", Of(One("a", weight: 0), One("b", rank: 9)).Credential("openai", KeyEnvironment.Production)!.Name);
        Assert.Equal("b", Of(One("a", secret: null), One("b", rank: 9, weight: 0)).Credential("openai", KeyEnvironment.Production)!.Name);
        Assert.Equal("a", Of(One("a", weight: 0)).Credential("openai", KeyEnvironment.Production)!.Name);
    }

    [Fact]
    public void No_credential_is_lost_and_the_order_does_not_depend_on_the_input() => Gen.Select(Some.Array[0, 12], Gen.Int).Sample((credentials, seed) =>
    {
        var other = credentials.ToArray();
        new Random(seed).Shuffle(other);
        var (snapshot, shuffled) = (Of(credentials), Of(other));
        foreach (var provider in new[] { "openai", "groq", "none" })
        {
            foreach (var environment in Enum.GetValues<KeyEnvironment>())
            {
                var all = snapshot.CredentialsOf(provider, environment);
                Assert.Equal(credentials.Where(one => one.Provider == provider && one.Environment == environment).ToHashSet(), all.ToHashSet());
                Assert.Equal(all.Select(Key), shuffled.CredentialsOf(provider, environment).Select(Key));
                Assert.Equal(all.Select(one => one.Rank).Order(), all.Select(one => one.Rank));
                Assert.Equal(all.IsEmpty, snapshot.Credential(provider, environment) is null);
            }
        }
    });

    [Fact]
    public void A_lookup_allocates_no_memory()
    {
        var snapshot = Of(One("default"), One("a"), One("default", provider: "groq"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            _ = snapshot.Credential("groq", KeyEnvironment.Production);
            _ = snapshot.CredentialsOf("openai", KeyEnvironment.Production);
            _ = snapshot.CredentialsOf("none", KeyEnvironment.Production);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static (int, bool, string) Key(ProviderCredential one) => (one.Rank, one.Weight == 0, one.Name);

    private static ProviderCredential One(string name, int weight = 1, int rank = 0, string provider = "openai", KeyEnvironment environment = KeyEnvironment.Production, string? secret = "sk") =>
        new(provider, environment, "", secret, null) { Name = name, Weight = weight, Rank = rank };

    private static ProjectSnapshot Of(params ProviderCredential[] credentials) => new()
    {
        Id = "p", ModelAliases = FrozenDictionary<string, string>.Empty, RateLimits = RateLimits.Default, Credentials = credentials,
    };
}
