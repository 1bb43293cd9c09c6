using System.Net.Http.Headers;
using System.Text;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Pipeline.Errors;

/// <summary>Errors of the administration API for request bodies. Their JSON is flat: it has no <c>error</c> object.</summary>
public sealed class ErrorsOfAdministrationTests(ErrorsOfAdministrationTests.Fixture at) : IClassFixture<ErrorsOfAdministrationTests.Fixture>
{
    private const int LargestBody = 4_096;

    [Theory]
    [InlineData("{not json", null)]
    [InlineData("", null)]
    [InlineData("null", null)]
    [InlineData("[]", null)]
    [InlineData("{}", "name")]
    [InlineData("""{"name":""}""", "name")]
    [InlineData("""{"name":7}""", "name")]
    [InlineData("""{"name":"a","nmae":"b"}""", "nmae")]
    public async Task An_invalid_body_gives_a_flat_400(string body, string? param)
    {
        var error = await at.Edge.Admin.PostAsync("/api/projects", RunningEdge.Json(body)).FlatErrorAsync();

        Assert.Equal((400, "INVALID_REQUEST", "Invalid request", param), (error.Status, error.Code, error.Title, error.Param));
        Assert.Equal("false", error.Header("x-should-retry"));
    }

    [Fact]
    public async Task A_body_without_the_JSON_type_gives_a_flat_415()
    {
        using var form = new StringContent("""{"name":"a"}""", Encoding.UTF8, "application/x-www-form-urlencoded");

        var error = await at.Edge.Admin.PostAsync("/api/projects", form).FlatErrorAsync();

        Assert.Equal((415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported media type"), (error.Status, error.Code, error.Title));
    }

    [Fact]
    public async Task A_body_over_the_limit_gives_a_flat_413()
    {
        var error = await at.Edge.Admin.PostAsync("/api/projects", RunningEdge.Json(new { name = new string('x', LargestBody) })).FlatErrorAsync();

        Assert.Equal((413, "REQUEST_TOO_LARGE", "Request too large"), (error.Status, error.Code, error.Title));
        Assert.Equal("false", error.Header("x-should-retry"));
    }

    [Fact]
    public async Task Guessed_admin_tokens_end_in_a_flat_429_with_Retry_After()
    {
        await using var edge = await RunningEdge.StartAsync();
        var wrong = new AuthenticationHeaderValue("Bearer", "wrong");
        edge.Admin.DefaultRequestHeaders.Authorization = wrong;
        var statuses = new List<int>();
        for (var guess = 0; guess < 5; guess++)
        {
            var error = await edge.Admin.GetAsync("/api/projects").FlatErrorAsync();
            statuses.Add(error.Status);
        }

        using var last = await edge.Admin.GetAsync("/api/projects");

        Assert.All(statuses, status => Assert.Equal(401, status));
        Assert.Equal(429, (int)last.StatusCode);
        Assert.InRange(last.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.False(last.Headers.Contains("x-should-retry"));
        var body = System.Text.Json.JsonElement.Parse(await last.Content.ReadAsStringAsync());
        Assert.Equal("Rate limit exceeded", body.GetProperty("error").GetString());
        Assert.Equal("RATE_LIMIT_EXCEEDED", body.GetProperty("code").GetString());
        Assert.InRange(body.GetProperty("retry_after_ms").GetInt64(), 1, 60_000);
        Assert.Equal(last.Headers.GetValues("retry-after-ms").Single(), body.GetProperty("retry_after_ms").GetRawText());
    }

    public sealed class Fixture : ScriptedEdge
    {
        protected override IEnumerable<string> Settings => [$"Limits:MaxRequestBodyBytes={LargestBody}"];
    }
}
