using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Routing.Selection;

/// <summary>The target of a request.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Credential">The credential. Null only for the sandbox.</param>
/// <param name="Model">The model by the provider's own name. Null: the request names none.</param>
public readonly record struct ProviderChoice(ProviderDefinition Provider, ProviderCredential? Credential, string? Model);

/// <summary>Finds provider and credential for a model. Pure: no I/O.</summary>
public sealed class ModelRouter(ProviderCatalog catalog)
{
    /// <summary>The provider for requests without a model, if neither the request nor the project names a provider.</summary>
    private const string LastResort = "openai";

    internal static readonly EdgeError UnknownProvider = EdgeError.Invalid("X-Cencori-Provider names no provider of this edge.", "X-Cencori-Provider");

    /// <summary>
    /// Chooses the provider for <paramref name="model"/> as the caller wrote it. In this order: an alias of the project,
    /// <paramref name="namedProvider"/>, an explicit <c>provider/model</c> or <c>provider:model</c>, the provider
    /// whose model patterns fit best. A request without a model goes to the named or the project's default provider.
    /// </summary>
    /// <returns>Null, or the reason why there is no choice.</returns>
    public EdgeError? Choose(Caller caller, string? model, string? namedProvider, out ProviderChoice choice)
    {
        choice = default;
        ProviderDefinition? named = null;
        if (namedProvider is not null && (named = catalog.Find(namedProvider)) is null)
        {
            return UnknownProvider;
        }

        if (model is null)
        {
            return (named ?? DefaultProvider(caller)) is { } provider
                ? Complete(caller, provider, null, out choice)
                : EdgeError.Invalid("The request names no model and the project has no default provider. Name one in X-Cencori-Provider.", "model");
        }

        var resolved = caller.Project.ModelAliases.GetValueOrDefault(model, model);
        if (!TryFind(caller, resolved, named, out var found, out var upstreamModel))
        {
            return new EdgeError(ErrorKind.ModelNotFound, $"No provider of this edge serves the model '{resolved}'. Write 'provider/model' to choose the provider yourself.") { Param = "model" };
        }

        // The allowed models of a key may name an alias, because only an administrator can define what the alias means.
        var isAlias = !ReferenceEquals(resolved, model);
        if (caller.Key.AllowedModels is { } allowed
            && !allowed.Allows(found.Id, upstreamModel)
            && !(isAlias && allowed.Allows(found.Id, model)))
        {
            return EdgeError.Forbidden(Reasons.Explain(Reasons.ModelNotAllowed), Reasons.ModelNotAllowed) with { Param = "model" };
        }

        return Complete(caller, found, upstreamModel, out choice);
    }

    /// <summary>The project's route that the model name stands for. Null: the name is not the name of a route.</summary>
    internal static ModelRoute? RouteOf(ProjectSnapshot project, string? model) =>
        model is not null && project.Routes.Count > 0 ? project.Routes.GetValueOrDefault(project.ModelAliases.GetValueOrDefault(model, model)) : null;

    /// <summary>Whether the caller's requests go to this provider if they name neither a model nor a provider.</summary>
    public bool IsDefault(Caller caller, ProviderDefinition provider) => DefaultProvider(caller) == provider;

    private bool TryFind(Caller caller, string model, ProviderDefinition? named, out ProviderDefinition provider, out string upstreamModel)
    {
        upstreamModel = model;
        var separator = model.AsSpan().IndexOfAny('/', ':');
        if (separator > 0
            && separator < model.Length - 1
            && catalog.Find(model.AsSpan(0, separator)) is { } explicitProvider
            && (named is null || named == explicitProvider))
        {
            provider = explicitProvider;
            upstreamModel = model[(separator + 1)..];
            return true;
        }

        provider = named ?? PreferUsable(caller, model, catalog.Models.Find(model))!;
        return provider is not null;
    }

    /// <summary>Picks a provider that the project can use from several that serve a model.</summary>
    private static ProviderDefinition? PreferUsable(Caller caller, string model, IReadOnlyList<ProviderDefinition> candidates)
    {
        foreach (var candidate in candidates)
        {
            if (IsUsable(candidate, CredentialFor(caller, candidate.Id, model)))
            {
                return candidate;
            }
        }

        return candidates.Count > 0 ? candidates[0] : null;
    }

    private ProviderDefinition? DefaultProvider(Caller caller)
    {
        var project = caller.Project;
        if (project.DefaultProvider is { } id)
        {
            return catalog.Find(id);
        }

        if (RouteOf(project, project.DefaultModel) is { } route)
        {
            return catalog.Find(route.Groups[0].Targets[0].Provider);
        }

        if (project.DefaultModel is { } model && TryFind(caller, project.ModelAliases.GetValueOrDefault(model, model), null, out var provider, out _))
        {
            return provider;
        }

        var own = project.Credentials.Where(credential => credential.Environment == caller.Key.Environment).Select(credential => credential.Provider).Distinct().Take(2).ToList();
        return catalog.Find(own.Count == 1 ? own[0] : LastResort);
    }

    // A provider that needs no key still costs its operator something. So a project can use it only with a stored credential,
    // whose secret may be empty. Only the sandbox is open to every project.
    private static bool IsUsable(ProviderDefinition provider, ProviderCredential? credential) =>
        provider.Id == ProviderDefinition.SandboxId || credential is { Secret: not null };

    // Returns the first usable credential. Returns a drained credential (weight 0) only if there is no other.
    private static ProviderCredential? CredentialFor(Caller caller, string provider, string? model)
    {
        ProviderCredential? drained = null;
        foreach (var credential in caller.Project.CredentialsOf(provider, caller.Key.Environment))
        {
            if (credential.Secret is null || !IsFor(credential, model))
            {
                continue;
            }

            if (credential.Weight > 0)
            {
                return credential;
            }

            drained ??= credential;
        }

        return drained;
    }

    private static bool IsFor(ProviderCredential credential, string? model) => model is null || credential.Models is not { } models || models.Allows(credential.Provider, model);

    private EdgeError? Complete(Caller caller, ProviderDefinition provider, string? model, out ProviderChoice choice)
    {
        var credential = CredentialFor(caller, provider.Id, model) ?? caller.Project.Credential(provider.Id, caller.Key.Environment);
        choice = new(provider, credential, model);
        if (IsUsable(provider, credential))
        {
            return credential is null || IsFor(credential, model) ? null
                : new EdgeError(ErrorKind.ProviderNotConfigured, $"None of the project's credentials for the provider '{provider.Id}' is for the model '{model}'.") { Param = "model" };
        }

        // Requests with a test key must cost nothing until the project stores a test credential. Until then they go to the sandbox.
        if (credential is null && caller.Key.Environment == KeyEnvironment.Test && catalog.Find(ProviderDefinition.SandboxId) is { } sandbox)
        {
            choice = new(sandbox, null, model);
            return null;
        }

        return new EdgeError(ErrorKind.ProviderNotConfigured, credential is null
            ? $"The project has no {caller.Key.Environment.ToString().ToLowerInvariant()} credential for the provider '{provider.Id}'. Store one with POST /api/projects/{caller.Project.Id}/provider-keys."
            : $"The project's credential for the provider '{provider.Id}' can no longer be decrypted. Store it again.");
    }
}
