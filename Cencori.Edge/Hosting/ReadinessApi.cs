using System.Text.Json.Serialization;

namespace Cencori.Edge.Hosting;

/// <summary>
/// For load balancers and orchestrators, without a key. <c>/health/live</c>: the process answers. <c>/health/ready</c>: it should
/// be sent requests; 503 when it should not, and in either case what was looked at.
/// </summary>
public static class ReadinessApi
{
    public const string LivePath = "/health/live";

    public const string ReadyPath = "/health/ready";

    private static readonly string[] Methods = ["GET", "HEAD"];

    public static void MapReadiness(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapMethods(LivePath, Methods, (HttpResponse response) => Answer(response, new LiveAnswer("ok"))).AllowAnonymous();
        endpoints.MapMethods(ReadyPath, Methods, ReadyAsync).AllowAnonymous();
    }

    private static async Task<IResult> ReadyAsync(HttpResponse response, IEnumerable<HealthCheck> checks)
    {
        var asked = checks.Select(check => (check.Name, Finding: check.AskAsync().AsTask())).ToList();
        var worst = Readiness.Ready;
        var answers = new Dictionary<string, CheckAnswer>();
        foreach (var (name, asking) in asked)
        {
            var finding = await asking;
            worst = finding.Readiness > worst ? finding.Readiness : worst;
            answers[name] = new CheckAnswer(finding.Status, finding.Reason);
        }

        return worst switch
        {
            Readiness.Ready => Answer(response, new ReadyAnswer("ready", answers)),
            Readiness.Degraded => Answer(response, new ReadyAnswer("degraded", answers)),
            _ => Answer(response, new ReadyAnswer("not_ready", answers), StatusCodes.Status503ServiceUnavailable),
        };
    }

    private static IResult Answer<T>(HttpResponse response, T body, int status = StatusCodes.Status200OK)
    {
        response.Headers.CacheControl = "no-store";
        return Results.Json(body, statusCode: status);
    }

    private sealed record LiveAnswer(string Status);

    private sealed record ReadyAnswer(string Status, IReadOnlyDictionary<string, CheckAnswer> Checks);

    private sealed record CheckAnswer(string Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason);
}
