using System.Text.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Errors;
using Cencori.Edge.Metrics;
using Cencori.Edge.Projects;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin;

/// <summary>
/// What models cost a project where that is not the list's price, read and replaced as a whole; with it, which models it uses without any price.
/// </summary>
public static class PricesApi
{
    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapGet("/{projectId}/prices", GetAsync);
        projects.MapPut("/{projectId}/prices", ReplaceAsync);
    }

    private static async Task GetAsync(HttpContext context, string projectId, IDbContextFactory<EdgeDbContext> contexts, UnpricedModels unpriced)
    {
        await using var database = await contexts.CreateDbContextAsync();
        if (await ProjectsApi.FindAsync(context, database, projectId) is { } row)
        {
            await AnswerAsync(context, row, unpriced);
        }
    }

    private static async Task ReplaceAsync(
        HttpContext context, string projectId, Changes changes, ProviderCatalog providers, ProjectCache cache, UnpricedModels unpriced)
    {
        if (await context.ReadBodyAsync<Replacement>() is not { } body)
        {
            return;
        }

        if (Check(body.Prices, providers) is { } problem)
        {
            await context.Refuse(problem);
            return;
        }

        var replaced = await changes.MakeToProjectAsync(context, projectId, async (_, row) =>
        {
            if (!await context.ExpectsAsync(EntityTags.Of(row.Prices)))
            {
                return null;
            }

            row.Prices = body.Prices;
            return row;
        });
        if (replaced is not null)
        {
            await cache.InvalidateAsync(projectId);
            await AnswerAsync(context, replaced, unpriced);
        }
    }

    private static async Task AnswerAsync(HttpContext context, ProjectRecord project, UnpricedModels unpriced) => await context.AnswerAsync(
        StatusCodes.Status200OK,
        new PricesAnswer(project.Prices.ConvertAll(price => JsonSerializer.SerializeToNode(price, PriceRules.Json)), await unpriced.ListAsync(project.Id, context.RequestAborted)),
        EntityTags.Of(project.Prices));

    private static EdgeError? Check(List<ModelPrice> prices, ProviderCatalog providers)
    {
        if (PriceRules.Check(prices) is var (message, field))
        {
            return EdgeError.Invalid(message, field);
        }

        var unknown = prices.FindIndex(price => providers.Find(price.Provider) is null);
        return unknown < 0 ? null : EdgeError.Invalid($"prices[{unknown}]: there is no provider '{prices[unknown].Provider}'.", $"prices[{unknown}].provider");
    }

    private sealed record Replacement
    {
        public required List<ModelPrice> Prices { get; init; }
    }

    /// <param name="Prices">What one does not have is left out, as it may be in what was sent.</param>
    /// <param name="Unpriced">What is used without a price.</param>
    private sealed record PricesAnswer(List<JsonNode?> Prices, List<UnpricedModel> Unpriced);
}
