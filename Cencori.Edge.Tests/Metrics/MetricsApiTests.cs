using System.Text.Json;
using System.Text.Json.Nodes;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Metrics;

/// <summary><c>GET /v1/metrics</c>, contract §7, at one minute past ten.</summary>
public sealed class MetricsApiTests(MetricsApiTests.QuietEdge fixture) : IClassFixture<MetricsApiTests.QuietEdge>
{
    private static readonly DateTimeOffset Now = new(2030, 3, 15, 10, 1, 0, TimeSpan.Zero);

    private static readonly string[] Domains = ["localhost"];

    private readonly RunningEdge _edge = fixture.Edge;

    [Theory]
    [InlineData("1h", "2030-03-15T09:01:00.000Z")]
    [InlineData("24h", "2030-03-14T10:01:00.000Z")]
    [InlineData("7d", "2030-03-08T10:01:00.000Z")]
    [InlineData("30d", "2030-02-13T10:01:00.000Z")]
    [InlineData("mtd", "2030-03-01T00:00:00.000Z")]
    public async Task Without_data_every_member_is_present(string period, string start)
    {
        var key = await _edge.CreateKeyAsync(await _edge.CreateProjectAsync());

        Assert.Equal(
            $$$"""
            {"period":"{{{period}}}","start_date":"{{{start}}}","end_date":"2030-03-15T10:01:00.000Z",
            "requests":{"total":0,"success":0,"error":0,"filtered":0,"success_rate":0.00},
            "cost":{"total_usd":0.0000,"average_per_request_usd":0.000000},"unpriced":0,
            "tokens":{"prompt":0,"completion":0,"total":0},
            "latency":{"avg_ms":0,"p50_ms":0,"p90_ms":0,"p99_ms":0},
            "providers":{},"models":{}}
            """.ReplaceLineEndings(""),
            await GetAsync(key, "?period=" + period));
    }

    [Theory]
    [InlineData("1h", 2)]
    [InlineData("24h", 4)]
    [InlineData("7d", 6)]
    [InlineData("30d", 10)]
    [InlineData("mtd", 8)]
    public async Task A_period_contains_what_began_in_it_to_the_minute(string period, int expected)
    {
        var (project, key) = await CreateAsync();

        // For each period one record just inside, and one just outside.
        foreach (var at in (DateTimeOffset[])[Now.AddHours(-1), Now.AddHours(-24), Now.AddDays(-7), Now.AddDays(-30)])
        {
            Write(project, at: at.AddSeconds(1));
            Write(project, at: at.AddSeconds(-1));
        }

        Write(project, at: Now.AddSeconds(-1));
        Write(project, at: new DateTimeOffset(2030, 3, 1, 0, 0, 0, TimeSpan.Zero));
        Write(project, at: new DateTimeOffset(2030, 2, 28, 23, 59, 59, TimeSpan.Zero));

        Assert.Equal(expected, (int)(await ReadAsync(key, period))["requests"]!["total"]!);
    }

    [Fact]
    public async Task With_data_the_sums_and_the_number_formats_are_right()
    {
        var (project, key) = await CreateAsync();
        foreach (var outcome in Enum.GetValues<RequestOutcome>())
        {
            Write(project, outcome, cost: outcome == RequestOutcome.Filtered ? null : 1.000_04m);
        }

        Write(project, model: "gpt-4o-mini", milliseconds: 100);
        Write(project, RequestOutcome.Error, model: null, cost: null);
        Write(project, environment: KeyEnvironment.Test);

        var result = await GetAsync(key, "");
        var metrics = JsonNode.Parse(result)!;
        Assert.Equal("24h", (string?)metrics["period"]);
        Assert.Equal("""{"total":8,"success":4,"error":3,"filtered":1,"success_rate":50.00}""", Part(result, "requests"));
        Assert.Equal("""{"total_usd":7.0002,"average_per_request_usd":0.875030}""", Part(result, "cost"));
        Assert.Equal("""{"prompt":108,"completion":270,"total":378}""", Part(result, "tokens"));
        Assert.Equal("""{"openai":{"requests":7,"cost_usd":7.0002}}""", Part(result, "providers"));
        Assert.Equal("""{"gpt-4o":{"requests":6,"cost_usd":6.0002},"gpt-4o-mini":{"requests":1,"cost_usd":1.0000}}""", Part(result, "models"));
        Assert.Equal(567, (int)metrics["latency"]!["avg_ms"]!);
        Assert.InRange((int)metrics["latency"]!["p50_ms"]!, 784, 816);
        Assert.InRange((int)metrics["latency"]!["p99_ms"]!, 784, 816);
    }

    [Theory]
    [InlineData("1h")]
    [InlineData("24h")]
    [InlineData("7d")]
    [InlineData("30d")]
    [InlineData("mtd")]
    public async Task With_data_every_object_has_exactly_these_members_and_number_types(string period)
    {
        var (project, key) = await CreateAsync();
        Write(project, at: Now.AddMinutes(-5), cost: 2);
        using var result = JsonDocument.Parse(await GetAsync(key, "?period=" + period));

        Assert.Equal(
            "{period:text,start_date:text,end_date:text,requests:{total:int,success:int,error:int,filtered:int,success_rate:float},cost:{total_usd:float,average_per_request_usd:float},unpriced:int,"
            + "tokens:{prompt:int,completion:int,total:int},latency:{avg_ms:int,p50_ms:int,p90_ms:int,p99_ms:int},"
            + "providers:{openai:{requests:int,cost_usd:float}},models:{gpt-4o:{requests:int,cost_usd:float}}}",
            Shape(result.RootElement));
    }

    [Fact]
    public async Task An_hour_with_too_many_records_to_read_counts_by_its_share()
    {
        var (project, key) = await CreateAsync();
        for (var number = 0; number < 24_000; number++)
        {
            Write(project, at: new DateTimeOffset(2030, 3, 15, 9, 0, 0, TimeSpan.Zero).AddMilliseconds(number * 150));
        }

        var metrics = await ReadAsync(key, "1h");
        Assert.Equal(23_600, (int)metrics["requests"]!["total"]!);
        Assert.InRange((int)metrics["latency"]!["p90_ms"]!, 784, 816);
    }

    [Theory]
    [InlineData("?period=2h")]
    [InlineData("?period=")]
    [InlineData("?period=24H")]
    [InlineData("?period=1h&period=24h")]
    [InlineData("/1y")]
    public async Task An_unknown_period_is_refused(string rest)
    {
        var (_, key) = await CreateAsync();

        var error = await _edge.SendAsync(key, HttpMethod.Get, "/v1/metrics" + rest).ErrorAsync();
        Assert.Equal((400, "INVALID_REQUEST", "period"), (error.Status, error.Code, error.Param));
    }

    [Theory]
    [InlineData("/v1/metrics/7d")]
    [InlineData("/api/v1/metrics/7d")]
    [InlineData("/api/v1/metrics?period=7d")]
    public async Task Every_form_of_the_request_gives_the_same_response(string path)
    {
        var (project, key) = await CreateAsync();
        Write(project);
        using var result = await _edge.SendAsync(key, HttpMethod.Get, path);

        Assert.Equal(await GetAsync(key, "?period=7d"), await result.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("publishable")]
    [InlineData("agent")]
    public async Task Only_secret_keys_may_read_metrics(string type)
    {
        var project = await _edge.CreateProjectAsync();
        var key = await _edge.CreateKeyAsync(project, type, more: type == "agent" ? null : new { allowed_domains = Domains });

        var error = await _edge.SendAsync(key, HttpMethod.Get, "/v1/metrics", null, ("Origin", "http://localhost")).ErrorAsync();
        Assert.Equal((403, "INSUFFICIENT_PERMISSIONS", "key_type"), (error.Status, error.Code, error.Reason));
    }

    // As a typed client reads it: a number without a decimal point is an integer.
    private static string Shape(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(',', value.EnumerateObject().Select(member => $"{member.Name}:{Shape(member.Value)}"))}}}",
        JsonValueKind.Number => value.GetRawText().Contains('.', StringComparison.Ordinal) ? "float" : "int",
        JsonValueKind.String => "text",
        _ => value.ValueKind.ToString(),
    };

    private static string Part(string result, string name)
    {
        using var json = JsonDocument.Parse(result);
        return json.RootElement.GetProperty(name).GetRawText();
    }

    private async Task<(string Project, string Key)> CreateAsync()
    {
        var project = await _edge.CreateProjectAsync();
        return (project, await _edge.CreateKeyAsync(project));
    }

    private void Write(
        string project, RequestOutcome outcome = RequestOutcome.Success, DateTimeOffset? at = null, string? model = "gpt-4o",
        KeyEnvironment environment = KeyEnvironment.Production, decimal? cost = 1, long milliseconds = 800) =>
        _edge.Records().Write(Some.Record(project, outcome, at ?? Now.AddMinutes(-90), "req", model, environment, cost, milliseconds));

    private async Task<JsonNode> ReadAsync(string key, string period) => JsonNode.Parse(await GetAsync(key, "?period=" + period))!;

    private async Task<string> GetAsync(string key, string query)
    {
        using var result = await _edge.SendAsync(key, HttpMethod.Get, "/v1/metrics" + query);
        var text = await result.Content.ReadAsStringAsync();
        Assert.True(result.IsSuccessStatusCode, text);
        Assert.Equal("application/json; charset=utf-8", result.Content.Headers.ContentType?.ToString());
        return text;
    }

    public sealed class QuietEdge : ScriptedEdge
    {
        protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider(Now));
    }
}
