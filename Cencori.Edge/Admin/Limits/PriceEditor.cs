using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Errors;
using Cencori.Edge.Metrics;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Limits;

/// <summary>Reads and replaces a project's own model prices. Also lists the models that the project uses without a price.</summary>
internal sealed class PriceEditor(IDbContextFactory<EdgeDbContext> contexts, Changes changes, ProviderCatalog providers, ProjectCache projects, UnpricedModels unpriced)
{
    public async Task<Tagged<PricesView>> GetAsync(string projectId, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return await TagAsync(await ProjectEditor.FindAsync(database, projectId), cancellation);
    }

    /// <summary>Reads the project's own prices. Does not look up models without a price.</summary>
    public async Task<Tagged<List<ModelPrice>>> GetStoredAsync(string projectId, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        var prices = (await ProjectEditor.FindAsync(database, projectId)).Prices;
        return new(prices, EntityTags.Of(prices));
    }

    public async Task<Tagged<PricesView>> ReplaceAsync(AuditActor actor, string projectId, PricesReplacement body, Precondition expected, CancellationToken cancellation) =>
        await TagAsync(await SetAsync(actor, projectId, body, expected), cancellation);

    /// <summary>
    /// Like <see cref="ReplaceAsync"/>, but does not look up models without a price. The lookup is slow: it waits until queued request records are stored.
    /// </summary>
    public async Task<ProjectRecord> SetAsync(AuditActor actor, string projectId, PricesReplacement body, Precondition expected)
    {
        Check(body.Prices).ThrowIfAny();
        var replaced = await changes.MakeToProjectAsync(actor, projectId, (_, project) =>
        {
            expected.Check(EntityTags.Of(project.Prices));

            // Equal prices, such as 1.50 instead of 1.5, are not written to the database, so the ETag must be the one of the stored form.
            project.Prices = project.Prices.SequenceEqual(body.Prices) ? project.Prices : body.Prices;
            return Task.FromResult(project);
        });
        await changes.AfterChangeAsync(() => projects.InvalidateAsync(projectId));
        return replaced;
    }

    private async Task<Tagged<PricesView>> TagAsync(ProjectRecord project, CancellationToken cancellation) =>
        new(new(project.Prices, await unpriced.ListAsync(project.Id, cancellation)), EntityTags.Of(project.Prices));

    private EdgeError? Check(List<ModelPrice> prices)
    {
        if (PriceRules.Check(prices) is var (message, field))
        {
            return EdgeError.Invalid(message, field);
        }

        var unknown = prices.FindIndex(price => providers.Find(price.Provider) is null);
        return unknown < 0 ? null : EdgeError.Invalid($"prices[{unknown}]: there is no provider '{prices[unknown].Provider}'.", $"prices[{unknown}].provider");
    }
}

/// <summary>Request body that replaces a project's prices.</summary>
public sealed record PricesReplacement
{
    public required List<ModelPrice> Prices { get; init; }
}

/// <param name="Prices">The project's own prices.</param>
/// <param name="Unpriced">Models that the project uses without a price.</param>
public sealed record PricesView(List<ModelPrice> Prices, List<UnpricedModel> Unpriced);
