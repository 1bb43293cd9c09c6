using System.Text.Json.Nodes;
using Cencori.Edge.Keys;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Keys;

/// <summary>A key from its creation to its end, on an edge with a stopped clock.</summary>
public sealed class KeyLifeTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private RunningEdge _edge = null!;
    private string _keys = null!;
    private string _project = null!;

    public async Task InitializeAsync()
    {
        _edge = await RunningEdge.StartAsync(configure: builder => builder.Services.AddSingleton<TimeProvider>(_time));
        _project = await _edge.CreateProjectAsync();
        _keys = $"/api/projects/{_project}/api-keys";
    }

    public async Task DisposeAsync() => await _edge.DisposeAsync();

    [Fact]
    public async Task A_key_expires_exactly_on_time_even_if_it_is_cached()
    {
        var key = await _edge.CreateKeyAsync(_project, more: new { expires_at = _time.GetUtcNow().AddMinutes(10) });
        Assert.Equal(200, await StatusAsync(key));
        _time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(200, await StatusAsync(key));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(401, await StatusAsync(key));
    }

    [Fact]
    public async Task A_revoked_key_is_refused_as_soon_as_the_revocation_is_answered()
    {
        var (id, key) = await CreateAsync();
        Assert.Equal(200, await StatusAsync(key));
        await _edge.SendAdminAsync(HttpMethod.Patch, $"{_keys}/{id}", new { revoked = true });

        Assert.Equal(401, await StatusAsync(key));
    }

    [Fact]
    public async Task The_refusal_is_equal_for_unknown_revoked_and_expired_keys()
    {
        var (id, revoked) = await CreateAsync();
        await _edge.SendAdminAsync(HttpMethod.Patch, $"{_keys}/{id}", new { revoked = true });
        var expired = await _edge.CreateKeyAsync(_project, more: new { expires_at = _time.GetUtcNow().AddMinutes(1) });
        _time.Advance(TimeSpan.FromMinutes(2));

        var bodies = new HashSet<string>();
        foreach (var key in (string[])[revoked, expired, ProjectKey.Generate("csk_"), "csk_nonsense"])
        {
            using var response = await _edge.SendAsync(key, HttpMethod.Get, "/v1/models");
            Assert.Equal(401, (int)response.StatusCode);
            bodies.Add(await response.Content.ReadAsStringAsync());
        }

        Assert.Single(bodies);
    }

    [Theory]
    [InlineData(null, 24)]
    [InlineData(2.5, 2.5)]
    public async Task A_rotated_key_works_exactly_for_its_grace_period(double? requested, double hours)
    {
        var (id, old) = await CreateAsync();
        var rotated = await _edge.SendAdminAsync(HttpMethod.Post, $"{_keys}/{id}/rotate", requested is null ? null : new { grace_period_hours = requested });
        var @new = (string)rotated["apiKey"]!["full_key"]!;

        _time.Advance(TimeSpan.FromHours(hours) - TimeSpan.FromSeconds(1));
        Assert.Equal((200, 200), (await StatusAsync(old), await StatusAsync(@new)));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((401, 200), (await StatusAsync(old), await StatusAsync(@new)));
    }

    [Fact]
    public async Task A_key_rotated_without_grace_period_is_refused_at_once()
    {
        for (var round = 0; round < 30; round++)
        {
            var (id, old) = await CreateAsync();
            Assert.Equal(200, await StatusAsync(old));
            await _edge.SendAdminAsync(HttpMethod.Post, $"{_keys}/{id}/rotate", new { grace_period_hours = 0 });
            Assert.Equal(401, await StatusAsync(old));
        }
    }

    /// <summary>Many HTTP clients send JSON in chunks, without its length.</summary>
    [Fact]
    public async Task The_grace_period_in_a_chunked_body_is_used()
    {
        var (id, old) = await CreateAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{_keys}/{id}/rotate") { Content = RunningEdge.Json(new { grace_period_hours = 0 }) };
        request.Headers.TransferEncodingChunked = true;
        using var response = await _edge.Admin.SendAsync(request);

        Assert.Equal(201, (int)response.StatusCode);
        Assert.Equal(401, await StatusAsync(old));
    }

    [Fact]
    public async Task A_use_appears_in_the_listing()
    {
        var (id, key) = await CreateAsync();
        Assert.Null((await ListedAsync(id))["last_used_at"]);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(200, await StatusAsync(key));

        Assert.Equal(_time.GetUtcNow(), (DateTimeOffset)(await ListedAsync(id))["last_used_at"]!);
    }

    [Fact]
    public async Task A_key_is_due_for_rotation_after_90_days()
    {
        var (id, _) = await CreateAsync();

        // Advancing three months of timers, which this test does not need, would take most of a minute.
        _time.AdjustTime(_time.GetUtcNow() + TimeSpan.FromDays(90) - TimeSpan.FromSeconds(1));
        Assert.Equal((89, false), ((int)(await ListedAsync(id))["age_days"]!, (bool)(await ListedAsync(id))["rotation_due"]!));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((90, true), ((int)(await ListedAsync(id))["age_days"]!, (bool)(await ListedAsync(id))["rotation_due"]!));
    }

    private async Task<(string Id, string Key)> CreateAsync()
    {
        var created = (await _edge.SendAdminAsync(HttpMethod.Post, _keys, new { name = "key", key_type = "secret", environment = "production" }))["apiKey"]!;
        return ((string)created["id"]!, (string)created["full_key"]!);
    }

    private async Task<JsonNode> ListedAsync(string id) =>
        (await _edge.SendAdminAsync(HttpMethod.Get, _keys))["apiKeys"]!.AsArray().Single(key => (string)key!["id"]! == id)!;

    private async Task<int> StatusAsync(string key)
    {
        using var response = await _edge.SendAsync(key, HttpMethod.Get, "/v1/models");
        return (int)response.StatusCode;
    }
}
