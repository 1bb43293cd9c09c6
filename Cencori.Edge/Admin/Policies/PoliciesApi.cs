using Cencori.Edge.Admin.Audit;
using Cencori.Edge.Policies;

namespace Cencori.Edge.Admin.Policies;

/// <summary>Endpoints for a project's policies for request and response content.</summary>
internal static class PoliciesApi
{
    public static void Map(RouteGroupBuilder projects)
    {
        projects.MapGet("/{projectId}/policies", GetAsync);
        projects.MapPut("/{projectId}/policies", ReplaceAsync);
        projects.MapPost("/{projectId}/policies/test", TestAsync);
        projects.MapGet("/{projectId}/policies/report", ReportAsync);
        projects.MapPost("/{projectId}/policies/webhook/test", TestWebhookAsync);
    }

    private static async Task GetAsync(HttpContext context, string projectId, PolicyEditor policies) => await RespondAsync(context, await policies.GetAsync(projectId));

    private static async Task ReplaceAsync(HttpContext context, string projectId, PolicyEditor policies)
    {
        var document = await context.ReadBodyAsync<PolicyDocument>();
        await RespondAsync(context, await policies.ReplaceAsync(AuditActor.Of(context), projectId, document, Precondition.Of(context)));
    }

    private static async Task TestAsync(HttpContext context, string projectId, PolicyTester tester)
    {
        var test = await context.ReadBodyAsync<PolicyTest>();
        await context.RespondAsync(StatusCodes.Status200OK, await tester.TestAsync(projectId, test, context.RequestAborted));
    }

    private static async Task ReportAsync(HttpContext context, string projectId, PolicyEditor policies, PolicyReports reports, DateTimeOffset? from = null, DateTimeOffset? to = null)
    {
        context.Request.Query.AllowOnly("from", "to");
        await policies.RequireProjectAsync(projectId);
        await context.RespondAsync(StatusCodes.Status200OK, await reports.ReadAsync(projectId, from, to, context.RequestAborted));
    }

    private static async Task TestWebhookAsync(HttpContext context, string projectId, PolicyWebhookTester tester) =>
        await context.RespondAsync(StatusCodes.Status200OK, await tester.TestAsync(AuditActor.Of(context), projectId));

    private static Task RespondAsync(HttpContext context, Tagged<PolicyView> found) => context.RespondAsync(StatusCodes.Status200OK, found.Value, found.Tag);
}
