using System.Collections.Frozen;
using System.Collections.Immutable;
using Cencori.Edge.Policies;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>A project and its settings as a request sees them: immutable, and consistent for the whole request.</summary>
public sealed record ProjectSnapshot
{
    private readonly CredentialGroup[] _groups = [];

    public required string Id { get; init; }

    /// <summary>The model's name, as a caller would write it. Decides the default provider. Null: none.</summary>
    public string? DefaultModel { get; init; }

    /// <summary>Where requests go that name no model. Null: the default model's provider.</summary>
    public string? DefaultProvider { get; init; }

    /// <summary>Alias → model, as a caller would write it.</summary>
    public required FrozenDictionary<string, string> ModelAliases { get; init; }

    /// <summary>By name. No alias has the name of one.</summary>
    public FrozenDictionary<string, ModelRoute> Routes { get; init; } = FrozenDictionary<string, ModelRoute>.Empty;

    /// <summary>What is said in its requests is to be kept.</summary>
    public bool LogsPayloads { get; init; }

    public required RateLimits RateLimits { get; init; }

    /// <summary>From where its keys may be used. Null: from everywhere.</summary>
    public AllowedNetworks? AllowedNetworks { get; init; }

    /// <summary>What may come in and go out. Null: no rule is switched on.</summary>
    public PolicySet? Policies { get; init; }

    /// <summary>The project's own, which go before those of all.</summary>
    public PriceTable Prices { get; init; } = PriceTable.Empty;

    /// <summary>By id.</summary>
    public FrozenDictionary<string, Agent> Agents { get; init; } = FrozenDictionary<string, Agent>.Empty;

    /// <summary>By name.</summary>
    public FrozenDictionary<string, ActivePrompt> Prompts { get; init; } = FrozenDictionary<string, ActivePrompt>.Empty;

    /// <summary>By id of the key, or of the agent; the whole project's under <see cref="Budget.OfProject"/>.</summary>
    public FrozenDictionary<string, Budget> Budgets { get; init; } = FrozenDictionary<string, Budget>.Empty;

    /// <summary>Those that are enabled.</summary>
    public required IReadOnlyList<ProviderCredential> Credentials
    {
        get;
        init => (field, _groups) = (value, CredentialGroup.Of(value));
    }

    /// <summary>
    /// The first of the lowest rank, by name, the default before all others. One that is drained, or that no master key opens, only where there is no other.
    /// </summary>
    /// <returns>Null: there is none.</returns>
    public ProviderCredential? Credential(string provider, KeyEnvironment environment) => Find(provider, environment)?.First;

    /// <summary>All of them: by rank, those that are drained last in theirs, then by name, the default before all others. Made with the snapshot.</summary>
    /// <returns>Empty: there are none.</returns>
    public ImmutableArray<ProviderCredential> CredentialsOf(string provider, KeyEnvironment environment) => Find(provider, environment)?.All ?? [];

    /// <summary>With some provider it has more than one.</summary>
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
