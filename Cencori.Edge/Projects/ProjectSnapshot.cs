using System.Collections.Frozen;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Projects;

/// <summary>A project and its settings as a request sees them: immutable, and consistent for the whole request.</summary>
public sealed class ProjectSnapshot
{
    public required string Id { get; init; }

    /// <summary>The model's name, as a caller would write it. Decides the default provider. Null: none.</summary>
    public string? DefaultModel { get; init; }

    /// <summary>Where requests go that name no model. Null: the default model's provider.</summary>
    public string? DefaultProvider { get; init; }

    /// <summary>Alias → model, as a caller would write it.</summary>
    public required FrozenDictionary<string, string> ModelAliases { get; init; }

    /// <summary>What is said in its requests is to be kept.</summary>
    public bool LogsPayloads { get; init; }

    public required RateLimits RateLimits { get; init; }

    /// <summary>The project's own, which go before those of all.</summary>
    public PriceTable Prices { get; init; } = PriceTable.Empty;

    /// <summary>By id.</summary>
    public FrozenDictionary<string, Agent> Agents { get; init; } = FrozenDictionary<string, Agent>.Empty;

    /// <summary>By name.</summary>
    public FrozenDictionary<string, ActivePrompt> Prompts { get; init; } = FrozenDictionary<string, ActivePrompt>.Empty;

    /// <summary>By id of the key, or of the agent; the whole project's under <see cref="Budget.OfProject"/>.</summary>
    public FrozenDictionary<string, Budget> Budgets { get; init; } = FrozenDictionary<string, Budget>.Empty;

    public required IReadOnlyList<ProviderCredential> Credentials { get; init; }

    public ProviderCredential? Credential(string provider, KeyEnvironment environment)
    {
        foreach (var credential in Credentials)
        {
            if (credential.Environment == environment && credential.Provider == provider)
            {
                return credential;
            }
        }

        return null;
    }
}
