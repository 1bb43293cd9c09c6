using System.Globalization;
using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Admin.Limits;

/// <summary>Endpoints that list deliveries of budget alerts, send an alert again, and test the budget's webhook.</summary>
internal static class BudgetAlertsApi
{
    public static void Map(RouteGroupBuilder projects)
    {
        Map(projects, "/{projectId}/budget", context => BudgetTarget.OfProject(Of(context, "projectId")));
        Map(projects, "/{projectId}/api-keys/{keyId}/budget", context => BudgetTarget.OfKey(Of(context, "projectId"), Of(context, "keyId")));
        Map(projects, "/{projectId}/agents/{agentId}/budget", context => BudgetTarget.OfAgent(Of(context, "projectId"), Of(context, "agentId")));
    }

    private static void Map(RouteGroupBuilder projects, string budget, Func<HttpContext, BudgetTarget> target)
    {
        projects.MapGet(budget + "/alerts", async (HttpContext context, BudgetWebhook webhook) =>
            await context.RespondAsync(StatusCodes.Status200OK, new AlertsResponse(await webhook.ListAsync(target(context), context.RequestAborted))));
        projects.MapPost(budget + "/alerts/{alertId}/resend", async (HttpContext context, BudgetWebhook webhook, string alertId) =>
        {
            // An id that is not a number becomes 0, which matches no alert.
            var id = long.TryParse(alertId, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
            await context.RespondAsync(StatusCodes.Status200OK, new AlertResponse(await webhook.ResendAsync(AuditActor.Of(context), target(context), id, context.RequestAborted)));
        });
        projects.MapPost(budget + "/test", async (HttpContext context, BudgetWebhook webhook) =>
            await context.RespondAsync(StatusCodes.Status200OK, new AlertResponse(await webhook.TestAsync(AuditActor.Of(context), target(context)))));
    }

    private static string Of(HttpContext context, string name) => (string)context.GetRouteValue(name)!;

    private sealed record AlertsResponse(List<AlertDeliveryView> Alerts);

    private sealed record AlertResponse(AlertDeliveryView Alert);
}
