using System.Text.Json.Serialization;

namespace Cencori.Edge.Hosting;

/// <summary>
/// Health endpoints for load balancers and orchestrators, without a key. <c>/health/live</c>: the process responds. <c>/health/ready</c>: 200
/// when it should get requests, 503 when not, with the result of each check.
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

    private static async Task<IResult> ReadyAsync(HttpResponse response, IEnumerable<HealthCheck> checks)
    {
        var asked = checks.Select(check => (check.Name, Finding: check.AskAsync().AsTask())).ToList();
        var worst = Readiness.Ready;
        var responses = new Dictionary<string, CheckResponse>();
        foreach (var (name, asking) in asked)
        {
            var finding = await asking;
            worst = finding.Readiness > worst ? finding.Readiness : worst;
            responses[name] = new CheckResponse(finding.Status, finding.Reason);
        }

        return worst switch
        {
            Readiness.Ready => Respond(response, new ReadyResponse("ready", responses)),
            Readiness.Degraded => Respond(response, new ReadyResponse("degraded", responses)),
            _ => Respond(response, new ReadyResponse("not_ready", responses), StatusCodes.Status503ServiceUnavailable),
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
