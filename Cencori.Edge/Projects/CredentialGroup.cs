using System.Collections.Immutable;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>A project's credentials for one provider and environment, in the order of choice.</summary>
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

        // Uses a credential that does not open, or is drained, only if there is no better one.
        First = All.OrderBy(one => one.Secret is null).ThenBy(one => one.Weight == 0).First();
    }

    /// <summary>Sorted by rank, drained ones last in their rank, then the default name, then by name. Never empty.</summary>
    public ImmutableArray<ProviderCredential> All { get; }

    /// <summary>The credential for requests that need just one.</summary>
    public ProviderCredential First { get; }

    public static CredentialGroup[] Of(IEnumerable<ProviderCredential> credentials) =>
        [.. credentials.GroupBy(one => (one.Provider, one.Environment)).Select(group => new CredentialGroup(group.Key.Provider, group.Key.Environment, group))];

    public bool IsSeveral(KeyEnvironment environment) => _environment == environment && All.Length > 1;

    public bool Is(string provider, KeyEnvironment environment) => _environment == environment && _provider == provider;
}
