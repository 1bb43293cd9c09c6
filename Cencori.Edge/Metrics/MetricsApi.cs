using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Keys;
using Cencori.Edge.RateLimiting;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Metrics;

/// <summary>The endpoint <c>GET /v1/metrics</c>: the usage of the key's project in the key's environment.</summary>
public static class MetricsApi
{
    public static void MapMetrics(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/v1/metrics", (HttpContext context, RequestLimiter limiter, MetricsQuery query, IDatabaseSystem system, TimeProvider time) =>
            RespondAsync(context, PeriodOf(context.Request), limiter, query, system, time)).RequireAuthorization(AccessPolicy.DataPlane);
        endpoints.MapGet("/v1/metrics/{period}", (HttpContext context, string period, RequestLimiter limiter, MetricsQuery query, IDatabaseSystem system, TimeProvider time) =>
            RespondAsync(context, period, limiter, query, system, time)).RequireAuthorization(AccessPolicy.DataPlane);
    }

    private static string PeriodOf(HttpRequest request) =>
        request.Query.TryGetValue("period", out var period) ? period.ToString() : MetricsPeriod.Default;

    private static async Task RespondAsync(
        HttpContext context, string name, RequestLimiter limiter, MetricsQuery query, IDatabaseSystem system, TimeProvider time)
    {
        if (MetricsPeriod.Find(name, time.GetUtcNow()) is not { } period)
        {
            await context.Refuse(EdgeError.Invalid("The period must be one of 1h, 24h, 7d, 30d and mtd.", "period"));
            return;
        }

        var caller = context.GetCaller()!;
        if (!await limiter.TryAcquireAsync(context, caller.Project, tokens: 0))
        {
            return;
        }

        try
        {
            var used = await query.RunAsync(caller.Project.Id, caller.Key.Environment, period.Start, period.End, context.RequestAborted);
            var response = MetricsResponse.Format(period, used);
            context.Response.ContentType = "application/json; charset=utf-8";
            context.Response.ContentLength = response.Length;
            await context.Response.BodyWriter.WriteAsync(response, context.RequestAborted);
        }
        catch (Exception exception) when (system.Explain(exception) is { IsTransient: true })
        {
            await context.Refuse(EdgeError.Unavailable("The edge cannot read the usage of the project at the moment. Try again later."));
        }
    }
}
