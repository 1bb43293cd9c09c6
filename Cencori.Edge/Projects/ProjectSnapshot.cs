using System.Collections.Frozen;
using System.Collections.Immutable;
using Cencori.Edge.Policies;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>A project and its settings as one request sees them: immutable and consistent for the whole request.</summary>
public sealed record ProjectSnapshot
{
    private readonly CredentialGroup[] _groups = [];

    public required string Id { get; init; }

    /// <summary>Default model, as a caller names it. Determines the default provider. Null: none.</summary>
    public string? DefaultModel { get; init; }

    /// <summary>Provider for requests without a model. Null: the default model's provider.</summary>
    public string? DefaultProvider { get; init; }

    /// <summary>Alias → model, as a caller names it.</summary>
    public required FrozenDictionary<string, string> ModelAliases { get; init; }

    /// <summary>Routes by name. No alias has the name of a route.</summary>
    public FrozenDictionary<string, ModelRoute> Routes { get; init; } = FrozenDictionary<string, ModelRoute>.Empty;

    /// <summary>True: stores the bodies of its requests and responses.</summary>
    public bool LogsPayloads { get; init; }

    public required RateLimits RateLimits { get; init; }

    /// <summary>Networks from which its keys may be used. Null: all.</summary>
    public AllowedNetworks? AllowedNetworks { get; init; }

    /// <summary>Policies for request and response content. Null: no active rule.</summary>
    public PolicySet? Policies { get; init; }

    /// <summary>The project's own prices, which take precedence over the general ones.</summary>
    public PriceTable Prices { get; init; } = PriceTable.Empty;

    /// <summary>Agents by id.</summary>
    public FrozenDictionary<string, Agent> Agents { get; init; } = FrozenDictionary<string, Agent>.Empty;

    /// <summary>Prompts by name.</summary>
    public FrozenDictionary<string, ActivePrompt> Prompts { get; init; } = FrozenDictionary<string, ActivePrompt>.Empty;

    /// <summary>Budgets by key id or agent id; the project's own is under <see cref="Budget.OfProject"/>.</summary>
    public FrozenDictionary<string, Budget> Budgets { get; init; } = FrozenDictionary<string, Budget>.Empty;

    /// <summary>The enabled credentials.</summary>
    public required IReadOnlyList<ProviderCredential> Credentials
    {
        get;
        init => (field, _groups) = (value, CredentialGroup.Of(value));
    }

    /// <summary>The first credential of the lowest rank: the default name, then by name. Uses a drained one, or one that does not open, only if there is no other.</summary>
    /// <returns>Null: no credential.</returns>
    public ProviderCredential? Credential(string provider, KeyEnvironment environment) => Find(provider, environment)?.First;

    /// <summary>All credentials, by rank, drained ones last in their rank, then the default name, then by name. Built with the snapshot.</summary>
    /// <returns>Empty: no credentials.</returns>
    public ImmutableArray<ProviderCredential> CredentialsOf(string provider, KeyEnvironment environment) => Find(provider, environment)?.All ?? [];

    /// <summary>True: the project has more than one credential for some provider.</summary>
    public bool HasSeveralCredentials(KeyEnvironment environment)
    {
        foreach (var group in _groups)
        {
            if (group.IsSeveral(environment))
            {
                return true;
            }
        }

        return false;
    }

    private CredentialGroup? Find(string provider, KeyEnvironment environment)
    {
        foreach (var group in _groups)
        {
            if (group.Is(provider, environment))
            {
                return group;
            }
        }

        return null;
    }
}
