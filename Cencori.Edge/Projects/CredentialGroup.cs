using System.Collections.Immutable;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>A project's credentials for one provider and environment, in the order in which they are chosen.</summary>
internal sealed class CredentialGroup
{
    private readonly string _provider;
    private readonly KeyEnvironment _environment;

    private CredentialGroup(string provider, KeyEnvironment environment, IEnumerable<ProviderCredential> credentials)
    {
        (_provider, _environment) = (provider, environment);
        All = [.. credentials
            .OrderBy(one => one.Rank)
            .ThenBy(one => one.Weight == 0)
            .ThenBy(one => one.Name != ProviderKeyRecord.DefaultName)
            .ThenBy(one => one.Name, StringComparer.Ordinal)];

        // Prefers a credential that decrypts and is not drained (weight 0).
        First = All.OrderBy(one => one.Secret is null).ThenBy(one => one.Weight == 0).First();
    }

    /// <summary>Sorted by rank. Within a rank, drained credentials (weight 0) are last. Among the others, and among the drained ones, the credential with the
    /// default name is first, and the rest follow by name. Never empty.</summary>
    public ImmutableArray<ProviderCredential> All { get; }

    /// <summary>The credential for requests that are not distributed over several credentials.</summary>
    public ProviderCredential First { get; }

    public static CredentialGroup[] Of(IEnumerable<ProviderCredential> credentials) =>
        [.. credentials.GroupBy(one => (one.Provider, one.Environment)).Select(group => new CredentialGroup(group.Key.Provider, group.Key.Environment, group))];

    public bool HasSeveral(KeyEnvironment environment) => _environment == environment && All.Length > 1;

    public bool Is(string provider, KeyEnvironment environment) => _environment == environment && _provider == provider;
}
