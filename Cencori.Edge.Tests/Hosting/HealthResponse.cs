using System.Text.Json;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Hosting;

/// <summary>A response of <c>/health/ready</c>.</summary>
public sealed record HealthResponse(int Code, string Text)
{
    private readonly JsonElement _json = JsonElement.Parse(Text);

    public string? Status => _json.GetProperty("status").GetString();

    public IReadOnlyDictionary<string, string?> Checks =>
        _json.GetProperty("checks").EnumerateObject().ToDictionary(check => check.Name, check => check.Value.GetProperty("status").GetString());

    public static Task<HealthResponse> ReadAsync(RunningEdge edge) => ReadAsync(edge.Http);

    public static async Task<HealthResponse> ReadAsync(HttpClient http)
    {
        using var response = await http.GetAsync("/health/ready");
        Assert.Equal("no-store", response.Header("Cache-Control"));
        return new((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Polls until the response has this status. The edge waits one second for the database, which is not always enough on a busy machine.</summary>
    public static async Task<HealthResponse> UntilAsync(HttpClient http, string status)
    {
        using var limit = new CancellationTokenSource(Eventually.Timeout, TimeProvider.System);
        HealthResponse response;
        while ((response = await ReadAsync(http)).Status != status)
        {
            await RealTime.PassesAsync(TimeSpan.FromMilliseconds(50), "The test polls another process or an independent timer.", limit.Token);
        }

        return response;
    }
}
