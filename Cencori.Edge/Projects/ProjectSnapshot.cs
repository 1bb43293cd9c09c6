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

    /// <summary>Model of requests that name none; written as a caller writes it. Its provider is the default provider. Null: no default model.</summary>
    public string? DefaultModel { get; init; }

    /// <summary>Provider for endpoints whose requests have no model, such as files. Null: the provider of the default model.</summary>
    public string? DefaultProvider { get; init; }

    /// <summary>Maps an alias to the model that it stands for; written as a caller writes a model.</summary>
    public required FrozenDictionary<string, string> ModelAliases { get; init; }

    /// <summary>Model routes by name. No alias has the same name as a route.</summary>
    public FrozenDictionary<string, ModelRoute> Routes { get; init; } = FrozenDictionary<string, ModelRoute>.Empty;

    /// <summary>True: the edge stores the bodies of the project's requests and responses.</summary>
    public bool LogsPayloads { get; init; }

    public required RateLimits RateLimits { get; init; }

    /// <summary>Networks from which the project's keys may be used. Null: all networks.</summary>
    public AllowedNetworks? AllowedNetworks { get; init; }

    /// <summary>Policies for request and response content. Null: the project has no active rule.</summary>
    public PolicySet? Policies { get; init; }

    /// <summary>The project's own prices. They take precedence over the edge's price list.</summary>
    public PriceTable Prices { get; init; } = PriceTable.Empty;

    /// <summary>Agents by id.</summary>
    public FrozenDictionary<string, Agent> Agents { get; init; } = FrozenDictionary<string, Agent>.Empty;

    /// <summary>The active versions of the project's prompts, by prompt name.</summary>
    public FrozenDictionary<string, ActivePrompt> Prompts { get; init; } = FrozenDictionary<string, ActivePrompt>.Empty;

    /// <summary>Budgets by key id or agent id. The budget of the whole project is under <see cref="Budget.OfProject"/>.</summary>
    public FrozenDictionary<string, Budget> Budgets { get; init; } = FrozenDictionary<string, Budget>.Empty;

    /// <summary>The project's enabled provider credentials.</summary>
    public required IReadOnlyList<ProviderCredential> Credentials
    {
        get;
        init => (field, _groups) = (value, CredentialGroup.Of(value));
    }

    /// <summary>
    /// The credential for requests that are not distributed over several credentials: the first in the order of <see cref="CredentialsOf"/>.
    /// A drained credential, or one that does not decrypt, is used only if there is no other.
    /// </summary>
    /// <returns>Null: the project has no credential for this provider and environment.</returns>
    public ProviderCredential? Credential(string provider, KeyEnvironment environment) => Find(provider, environment)?.First;

    /// <summary>All credentials for a provider and environment, in the order of <see cref="CredentialGroup.All"/>.</summary>
    /// <returns>An empty array if there are no credentials.</returns>
    public ImmutableArray<ProviderCredential> CredentialsOf(string provider, KeyEnvironment environment) => Find(provider, environment)?.All ?? [];

    /// <summary>True: in this environment, the project has more than one credential for some provider.</summary>
    public bool HasSeveralCredentials(KeyEnvironment environment)
    {
        foreach (var group in _groups)
        {
            if (group.HasSeveral(environment))
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
