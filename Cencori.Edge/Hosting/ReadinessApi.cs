using System.Text.Json.Serialization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Cencori.Edge.Hosting;

/// <summary>
/// Health endpoints for load balancers and orchestrators, without a key. <c>/health/live</c>: the process responds. <c>/health/ready</c>: 200
/// when the edge should get requests, otherwise 503; the body has the result of each check.
/// </summary>
public static class ReadinessApi
{
    public const string LivePath = "/health/live";

    public const string ReadyPath = "/health/ready";

    private static readonly string[] Methods = ["GET", "HEAD"];

    public static void MapReadiness(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapMethods(LivePath, Methods, (HttpResponse response) => Respond(response, new LiveResponse("ok"))).AllowAnonymous();
        endpoints.MapMethods(ReadyPath, Methods, ReadyAsync).AllowAnonymous();
    }

    private static async Task<IResult> ReadyAsync(HttpResponse response, HealthCheckService health, CancellationToken aborted)
    {
        var report = await health.CheckHealthAsync(aborted);
        var checks = report.Entries.ToDictionary(check => check.Key, check => new CheckResponse(check.Value.Description!, HealthResults.ReasonOf(check.Value)));
        return report.Status switch
        {
            HealthStatus.Healthy => Respond(response, new ReadyResponse("ready", checks)),
            HealthStatus.Degraded => Respond(response, new ReadyResponse("degraded", checks)),
            _ => Respond(response, new ReadyResponse("not_ready", checks), StatusCodes.Status503ServiceUnavailable),
        };
    }

    private static IResult Respond<T>(HttpResponse response, T body, int status = StatusCodes.Status200OK)
    {
        response.Headers.CacheControl = "no-store";
        return Results.Json(body, statusCode: status);
    }

    private sealed record LiveResponse(string Status);

    private sealed record ReadyResponse(string Status, IReadOnlyDictionary<string, CheckResponse> Checks);

    private sealed record CheckResponse(string Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason);
}
