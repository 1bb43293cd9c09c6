using System.Reflection;

namespace Cencori.Edge.Hosting;

/// <summary>The endpoint <c>GET /v1/health</c>. Responds whenever the process runs; checks nothing else.</summary>
public static class HealthApi
{
    public const string Path = "/v1/health";

    internal static readonly string Version =
        typeof(HealthApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static void MapHealth(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet(Path, (TimeProvider time) => Results.Json(new HealthResponse("ok", "cencori-edge", Version, time.GetUtcNow()))).AllowAnonymous();

    private sealed record HealthResponse(string Status, string Service, string Version, DateTimeOffset Timestamp);
}
