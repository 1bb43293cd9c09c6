using System.Text.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Metrics;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Admin.Limits;

/// <summary>Endpoints that read and replace a project's own model prices.</summary>
internal static class PricesApi
{
    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapGet("/{projectId}/prices", GetAsync);
        projects.MapPut("/{projectId}/prices", ReplaceAsync);
    }

    private static async Task GetAsync(HttpContext context, string projectId, PriceEditor prices) =>
        await RespondAsync(context, await prices.GetAsync(projectId, context.RequestAborted));

    private static async Task ReplaceAsync(HttpContext context, string projectId, PriceEditor prices)
    {
        var body = await context.ReadBodyAsync<PricesReplacement>();
        await RespondAsync(context, await prices.ReplaceAsync(AuditActor.Of(context), projectId, body, Precondition.Of(context), context.RequestAborted));
    }

    private static Task RespondAsync(HttpContext context, Tagged<PricesView> prices) => context.RespondAsync(
        StatusCodes.Status200OK,
        new PricesResponse(prices.Value.Prices.ConvertAll(price => JsonSerializer.SerializeToNode(price, PriceRules.Json)), prices.Value.Unpriced),
        prices.Tag);

    /// <param name="Prices">The project's own prices. Members that are null are omitted.</param>
    /// <param name="Unpriced">Models that the project uses without a price.</param>
    private sealed record PricesResponse(List<JsonNode?> Prices, List<UnpricedModel> Unpriced);
}
