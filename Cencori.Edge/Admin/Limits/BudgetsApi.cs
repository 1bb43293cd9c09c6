using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Admin.Limits;

/// <summary>Endpoints that read and replace the monthly budgets of a project, its keys and its agents.</summary>
internal static class BudgetsApi
{
    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapGet("/{projectId}/budget", (HttpContext context, string projectId, BudgetEditor budgets) =>
            GetAsync(context, BudgetTarget.OfProject(projectId), budgets));
        projects.MapPut("/{projectId}/budget", (HttpContext context, string projectId, BudgetEditor budgets) =>
            ReplaceAsync(context, BudgetTarget.OfProject(projectId), budgets));
        projects.MapGet("/{projectId}/api-keys/{keyId}/budget", (HttpContext context, string projectId, string keyId, BudgetEditor budgets) =>
            GetAsync(context, BudgetTarget.OfKey(projectId, keyId), budgets));
        projects.MapPut("/{projectId}/api-keys/{keyId}/budget", (HttpContext context, string projectId, string keyId, BudgetEditor budgets) =>
            ReplaceAsync(context, BudgetTarget.OfKey(projectId, keyId), budgets));
        projects.MapGet("/{projectId}/agents/{agentId}/budget", (HttpContext context, string projectId, string agentId, BudgetEditor budgets) =>
            GetAsync(context, BudgetTarget.OfAgent(projectId, agentId), budgets));
        projects.MapPut("/{projectId}/agents/{agentId}/budget", (HttpContext context, string projectId, string agentId, BudgetEditor budgets) =>
            ReplaceAsync(context, BudgetTarget.OfAgent(projectId, agentId), budgets));
    }

    private static async Task GetAsync(HttpContext context, BudgetTarget target, BudgetEditor budgets)
    {
        var budget = await budgets.GetAsync(target, context.RequestAborted);
        await context.RespondAsync(StatusCodes.Status200OK, budget.Value, budget.Tag);
    }

    private static async Task ReplaceAsync(HttpContext context, BudgetTarget target, BudgetEditor budgets)
    {
        var body = await context.ReadBodyAsync<BudgetReplacement>();
        var budget = await budgets.ReplaceAsync(AuditActor.Of(context), target, body, Precondition.Of(context), context.RequestAborted);
        await context.RespondAsync(StatusCodes.Status200OK, budget.Value, budget.Tag);
    }
}
