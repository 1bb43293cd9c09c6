using System.Text.Json;
using Cencori.Edge.Tests.Infrastructure;

namespace Cencori.Edge.Tests.Hosting;

/// <summary>What <c>/health/ready</c> says.</summary>
public sealed record HealthAnswer(int Code, string Text)
{
    private readonly JsonElement _json = JsonElement.Parse(Text);

    public string? Status => _json.GetProperty("status").GetString();

    public IReadOnlyDictionary<string, string?> Checks =>
        _json.GetProperty("checks").EnumerateObject().ToDictionary(check => check.Name, check => check.Value.GetProperty("status").GetString());

    public static Task<HealthAnswer> ReadAsync(RunningEdge edge) => ReadAsync(edge.Http);

    public static async Task<HealthAnswer> ReadAsync(HttpClient http)
    {
        using var answer = await http.GetAsync("/health/ready");
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        return new((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Asks until the answer has this status.</summary>
    public static async Task<HealthAnswer> UntilAsync(HttpClient http, string status)
    {
        using var limit = new CancellationTokenSource(Eventually.Patience, TimeProvider.System);
        HealthAnswer answer;
        while ((answer = await ReadAsync(http)).Status != status)
        {
            await RealTime.PassesAsync(TimeSpan.FromMilliseconds(50), "Another process or a timer of its own is looked at.", limit.Token);
        }

        return answer;
    }
}
