using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Admin;

public sealed class AdminRefusalTests(TwoProvidersEdge fixture) : IClassFixture<TwoProvidersEdge>
{
    private readonly RunningEdge _edge = fixture.Edge;

    /// <summary>A refused change never gets a success response (field trap 25 in docs/traps.md).</summary>
    [Theory]
    [InlineData("POST", "", "", "name")]
    [InlineData("POST", "", "{}", "name")]
    [InlineData("POST", "", """{"name":null}""", "name")]
    [InlineData("POST", "", """{"name":" "}""", "name")]
    [InlineData("POST", "", """{"name":7}""", "name")]
    [InlineData("POST", "", """{"name":"p","id":"p"}""", "id")]
    [InlineData("POST", "", """{"name":"p","Name":"p"}""", "Name")]
    [InlineData("POST", "", "[]", "")]
    [InlineData("POST", "", "null", "")]
    [InlineData("POST", "", """{"name":"p"} x""", "")]
    [InlineData("PATCH", "/P", """{"name":null}""", "name")]
    [InlineData("PATCH", "/P", """{"nmae":"p"}""", "nmae")]
    [InlineData("PATCH", "/P", """{"default_provider":"nobody"}""", "default_provider")]
    [InlineData("PATCH", "/P", """{"default_model":""}""", "default_model")]
    [InlineData("PATCH", "/P", """{"model_aliases":{"a":null}}""", "model_aliases")]
    [InlineData("PATCH", "/P", """{"model_aliases":{"":"a"}}""", "model_aliases")]
    [InlineData("PATCH", "/P", """{"model_aliases":["a"]}""", "model_aliases")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","environment":"production"}""", "key_type")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"secret"}""", "environment")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"root","environment":"test"}""", "key_type")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":0,"environment":"test"}""", "key_type")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"publishable,agent","environment":"test"}""", "key_type")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"secret","environment":"production,test"}""", "environment")]
    [InlineData("PUT", "/P/networking", """{"access_mode":"public,restricted","allowed_cidrs":[]}""", "access_mode")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"agent","environment":"test","agent_id":"a"}""", "agent_id")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"agent","environment":"production"}""", "agent_id")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"secret","environment":"test","agent_id":"a"}""", "agent_id")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"publishable","environment":"test"}""", "allowed_domains")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"publishable","environment":"test","allowed_domains":[]}""", "allowed_domains")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"publishable","environment":"test","allowed_domains":[null]}""", "allowed_domains")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"publishable","environment":"test","allowed_domains":["https://example.com"]}""", "allowed_domains")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"publishable","environment":"test","allowed_domains":["example.com:80"]}""", "allowed_domains")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"publishable","environment":"test","allowed_domains":["example.com/path"]}""", "allowed_domains")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"publishable","environment":"test","allowed_domains":["*"]}""", "allowed_domains")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"publishable","environment":"test","allowed_domains":["a.*.com"]}""", "allowed_domains")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"publishable","environment":"test","allowed_domains":["https://example.com/"]}""", "allowed_domains")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"publishable","environment":"test","allowed_domains":["*.com"]}""", "allowed_domains")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"publishable","environment":"test","allowed_domains":["*.127.0.0.1"]}""", "allowed_domains")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"publishable","environment":"test","allowed_domains":[" example.com"]}""", "allowed_domains")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"publishable","environment":"test","allowed_domains":["example.com,example.org"]}""", "allowed_domains")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"secret","environment":"test","allowed_domains":["example.com"]}""", "allowed_domains")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"secret","environment":"test","allowed_models":["a*b"]}""", "allowed_models")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"secret","environment":"test","allowed_models":[""]}""", "allowed_models")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"secret","environment":"test","allowed_models":"gpt-4o"}""", "allowed_models")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"secret","environment":"test","allowed_cidrs":["10.0.0.5/8"]}""", "allowed_cidrs")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"secret","environment":"test","allowed_cidrs":[null]}""", "allowed_cidrs")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"secret","environment":"test","allowed_cidrs":"10.0.0.0/8"}""", "allowed_cidrs")]
    [InlineData("PATCH", "/P/api-keys/K", """{"allowed_cidrs":["localhost"]}""", "allowed_cidrs")]
    [InlineData("PATCH", "/P/api-keys/K", """{"allowed_cidrs":["10.0.0.0/8\u0000"]}""", "allowed_cidrs")]
    [InlineData("PUT", "/P/networking", "{}", "access_mode")]
    [InlineData("PUT", "/P/networking", """{"access_mode":"restricted"}""", "allowed_cidrs")]
    [InlineData("PUT", "/P/networking", """{"allowed_cidrs":[]}""", "access_mode")]
    [InlineData("PUT", "/P/networking", """{"access_mode":"private","allowed_cidrs":[]}""", "access_mode")]
    [InlineData("PUT", "/P/networking", """{"access_mode":1,"allowed_cidrs":[]}""", "access_mode")]
    [InlineData("PUT", "/P/networking", """{"access_mode":"restricted","allowed_cidrs":null}""", "allowed_cidrs")]
    [InlineData("PUT", "/P/networking", """{"access_mode":"restricted","allowed_cidrs":[null]}""", "allowed_cidrs")]
    [InlineData("PUT", "/P/networking", """{"access_mode":"restricted","allowed_cidrs":["10.0.0.0/8","10.0.0.0/33"]}""", "allowed_cidrs")]
    [InlineData("PUT", "/P/networking", """{"access_mode":"restricted","allowed_cidrs":["2001:db8::1/32"]}""", "allowed_cidrs")]
    [InlineData("PUT", "/P/networking", """{"access_mode":"restricted","allowed_cidrs":[],"allowed_cidr":[]}""", "allowed_cidr")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"secret","environment":"test","expires_at":"2001-01-01T00:00:00Z"}""", "expires_at")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"secret","environment":"test","expires_at":"tomorrow"}""", "expires_at")]
    [InlineData("POST", "/P/api-keys", """{"name":"k","key_type":"secret","environment":"test","full_key":"csk_x"}""", "full_key")]
    [InlineData("PATCH", "/P/api-keys/K", """{"key_type":"secret"}""", "key_type")]
    [InlineData("PATCH", "/P/api-keys/K", """{"revoked":"yes"}""", "revoked")]
    [InlineData("PATCH", "/P/api-keys/K", """{"name":null}""", "name")]
    [InlineData("PATCH", "/P/api-keys/K", """{"allowed_domains":["example.com"]}""", "allowed_domains")]
    [InlineData("PATCH", "/P/api-keys/K", """{"allowed_models":[null]}""", "allowed_models")]
    [InlineData("PATCH", "/P/api-keys/K", """{"expires_at":"2001-01-01T00:00:00Z"}""", "expires_at")]
    [InlineData("POST", "/P/api-keys/K/rotate", """{"grace_period_hours":-1}""", "grace_period_hours")]
    [InlineData("POST", "/P/api-keys/K/rotate", """{"grace_period_hours":2161}""", "grace_period_hours")]
    [InlineData("POST", "/P/api-keys/K/rotate", """{"grace_period_hours":1e999}""", "grace_period_hours")]
    [InlineData("POST", "/P/api-keys/K/rotate", """{"grace":0}""", "grace")]
    [InlineData("POST", "/P/provider-keys", """{"provider":"nobody","apiKey":"sk-1"}""", "provider")]
    [InlineData("POST", "/P/provider-keys", """{"provider":null,"apiKey":"sk-1"}""", "provider")]
    [InlineData("POST", "/P/provider-keys", """{"apiKey":"sk-1"}""", "provider")]
    [InlineData("POST", "/P/provider-keys", """{"provider":"openai"}""", "apiKey")]
    [InlineData("POST", "/P/provider-keys", """{"provider":"openai","apiKey":""}""", "apiKey")]
    [InlineData("POST", "/P/provider-keys", """{"provider":"openai","apiKey":"sk 1"}""", "apiKey")]
    [InlineData("POST", "/P/provider-keys", """{"provider":"openai","apiKey":"sk-1\n"}""", "apiKey")]
    [InlineData("POST", "/P/provider-keys", """{"provider":"openai","apiKey":"sk-é"}""", "apiKey")]
    [InlineData("POST", "/P/provider-keys", """{"provider":"openai","apiKey":"sk-1","api_key":"x"}""", "api_key")]
    [InlineData("POST", "/P/provider-keys", """{"provider":"openai","apiKey":"sk-1","environment":"staging"}""", "environment")]
    [InlineData("POST", "/P/provider-keys", """{"provider":"azure-openai","apiKey":"sk-1"}""", "baseUrl")]
    [InlineData("POST", "/P/provider-keys", """{"provider":"openai","apiKey":"sk-1","baseUrl":"example.com"}""", "baseUrl")]
    [InlineData("POST", "/P/provider-keys", """{"provider":"openai","apiKey":"sk-1","baseUrl":"file:///etc/passwd"}""", "baseUrl")]
    [InlineData("POST", "/P/provider-keys", """{"provider":"openai","apiKey":"sk-1","baseUrl":"https://user:pw@example.com"}""", "baseUrl")]
    [InlineData("POST", "/P/provider-keys", """{"provider":"openai","apiKey":"sk-1","baseUrl":"https://example.com?key=x"}""", "baseUrl")]
    [InlineData("POST", "/P/provider-keys", """{"provider":"openai","apiKey":"sk-1","baseUrl":"https://example.com#x"}""", "baseUrl")]
    [InlineData("PUT", "/P/rate-limits", """{"requests_per_minute":0,"tokens_per_minute":null,"concurrent_requests":null}""", "requests_per_minute")]
    [InlineData("PUT", "/P/rate-limits", """{"requests_per_minute":-1,"tokens_per_minute":null,"concurrent_requests":null}""", "requests_per_minute")]
    [InlineData("PUT", "/P/rate-limits", """{"requests_per_minute":1.5}""", "requests_per_minute")]
    [InlineData("PUT", "/P/rate-limits", """{"requests_per_minute":"60"}""", "requests_per_minute")]
    [InlineData("PUT", "/P/rate-limits", """{"requests_per_minute":99999999999999999999}""", "requests_per_minute")]
    [InlineData("PUT", "/P/rate-limits", """{"requests_per_minute":null,"tokens_per_minute":1000000001,"concurrent_requests":null}""", "tokens_per_minute")]
    [InlineData("PUT", "/P/rate-limits", """{"requests_per_minute":null,"tokens_per_minute":null,"concurrent_requests":0}""", "concurrent_requests")]
    [InlineData("PUT", "/P/rate-limits", """{"requests_per_minute":null,"burst":10,"tokens_per_minute":null,"concurrent_requests":null}""", "burst")]
    [InlineData("PUT", "/P/rate-limits", """{"requests_per_hour":10}""", "requests_per_hour")]
    [InlineData("PUT", "/P/rate-limits", """{"requests_per_minute":10,"tokens_per_minute":10}""", "concurrent_requests")]
    [InlineData("PUT", "/P/rate-limits", "{}", "requests_per_minute")]
    public async Task A_bad_body_is_refused_and_the_field_is_named(string method, string path, string body, string field)
    {
        var before = await StateAsync();
        using var response = await SendAsync(method, path, body);
        Assert.True(response.Headers.CacheControl?.NoStore);
        var refusal = await response.ErrorAsync();

        Assert.Equal((400, "INVALID_REQUEST"), (refusal.Status, refusal.Code));
        Assert.True(
            body.Length == 0 || field.Length == 0 || refusal.Param == field || refusal.Message.Contains($"'{field}'", StringComparison.Ordinal), refusal.ToString());
        Assert.DoesNotContain("Cencori.Edge", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, await StateAsync());
    }

    [Theory]
    [InlineData("GET", "/nope", null)]
    [InlineData("PATCH", "/nope", "{}")]
    [InlineData("DELETE", "/nope", null)]
    [InlineData("GET", "/nope/api-keys", null)]
    [InlineData("POST", "/nope/api-keys", """{"name":"k","key_type":"secret","environment":"test"}""")]
    [InlineData("GET", "/P/api-keys/nope", null)]
    [InlineData("GET", "/D/api-keys/K", null)]
    [InlineData("PATCH", "/P/api-keys/nope", "{}")]
    [InlineData("PATCH", "/D/api-keys/K", "{}")]
    [InlineData("POST", "/P/api-keys/nope/rotate", null)]
    [InlineData("POST", "/D/api-keys/K/rotate", null)]
    [InlineData("GET", "/nope/provider-keys", null)]
    [InlineData("POST", "/nope/provider-keys", """{"provider":"openai","apiKey":"sk-1"}""")]
    [InlineData("DELETE", "/nope/provider-keys/openai", null)]
    [InlineData("DELETE", "/P/provider-keys/mistral", null)]
    [InlineData("GET", "/nope/rate-limits", null)]
    [InlineData("PUT", "/nope/rate-limits", """{"requests_per_minute":null,"tokens_per_minute":null,"concurrent_requests":null}""")]
    [InlineData("GET", "/nope/networking", null)]
    [InlineData("PUT", "/nope/networking", """{"access_mode":"public","allowed_cidrs":[]}""")]
    [InlineData("GET", "/P/no-such-thing", null)]
    public async Task Unknown_objects_get_404(string method, string path, string? body)
    {
        using var response = await SendAsync(method, path, body);
        Assert.True(response.Headers.CacheControl?.NoStore);
        var refusal = await response.ErrorAsync();

        Assert.Equal((404, "NOT_FOUND"), (refusal.Status, refusal.Code));
    }

    [Theory]
    [InlineData("GET", "/P/provider-keys/openai?env=test", "env")]
    [InlineData("PATCH", "/P/provider-keys/openai?env=test", "env")]
    [InlineData("DELETE", "/P/provider-keys/openai?env=test", "env")]
    [InlineData("DELETE", "/P/provider-keys/openai?environment=0", "environment")]
    [InlineData("DELETE", "/P/provider-keys/openai?environment=production,production", "environment")]
    [InlineData("POST", "/P/provider-keys/openai/test?env=test", "env")]
    [InlineData("GET", "/P/verify?mont=2026-11", "mont")]
    [InlineData("GET", "/P/policies/report?since=2026-11-01", "since")]
    [InlineData("GET", "/P/routes/chat/report?since=2026-11-01", "since")]
    public async Task A_mistyped_query_is_refused(string method, string path, string parameter)
    {
        var before = await StateAsync();
        var refusal = await SendAsync(method, path, null).ErrorAsync();

        Assert.Equal((400, parameter), (refusal.Status, refusal.Param));
        Assert.Equal(before, await StateAsync());
    }

    [Fact]
    public async Task Applying_with_a_mistyped_query_changes_nothing()
    {
        var before = await StateAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/apply?dry_run=true") { Content = RunningEdge.Json("""{"version":1,"projects":[{"slug":"of-a-mistyped-plan"}]}""") };
        var refusal = await _edge.Admin.SendAsync(request).ErrorAsync();

        Assert.Equal((400, "dry_run"), (refusal.Status, refusal.Param));
        Assert.Equal(before, await StateAsync());
    }

    [Fact]
    public async Task A_revoked_key_stays_revoked_and_cannot_be_rotated()
    {
        var path = $"/api/projects/{fixture.ProjectId}/api-keys";
        var id = (string)(await _edge.SendAdminAsync(HttpMethod.Post, path, new { name = "k", key_type = "secret", environment = "test" }))["apiKey"]!["id"]!;
        await _edge.SendAdminAsync(HttpMethod.Patch, $"{path}/{id}", new { revoked = true });

        Assert.Equal("revoked", (await SendAsync("PATCH", $"/P/api-keys/{id}", """{"revoked":false}""").ErrorAsync()).Param);
        Assert.Equal(400, (await SendAsync("POST", $"/P/api-keys/{id}/rotate", null).ErrorAsync()).Status);
    }

    [Fact]
    public async Task Clearing_the_domains_of_a_secret_key_changes_nothing()
    {
        using var response = await SendAsync("PATCH", "/P/api-keys/K", """{"allowed_domains":null}""");
        Assert.Equal(200, (int)response.StatusCode);
    }

    [Fact]
    public async Task The_error_for_a_network_names_its_index_and_says_what_to_write()
    {
        var many = string.Join(',', Enumerable.Range(0, 101).Select(number => $"\"10.0.0.{number}\""));
        foreach (var (list, reported) in ((string, string)[])[("\"10.0.0.0/8\",\"10.0.0.5/8\"", "no. 2 has bits set after its prefix. Write '10.0.0.0/8' for the network, or '10.0.0.5' for the address alone."), ("\"sk-secret\"", "no. 1 is not valid"), (many, "at most 100")])
        {
            var error = await SendAsync("PUT", "/P/networking", $$"""{"access_mode":"restricted","allowed_cidrs":[{{list}}]}""").ErrorAsync();
            Assert.Contains(reported, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("sk-secret", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("text/plain", 415)]
    [InlineData("application/json; charset=nonsense", 415)]
    public async Task A_body_with_another_type_or_charset_is_refused(string contentType, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/projects") { Content = new StringContent("""{"name":"p"}""") };
        request.Content.Headers.Remove("Content-Type");
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);

        Assert.Equal(status, (await _edge.Admin.SendAsync(request).ErrorAsync()).Status);
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path, string? body)
    {
        var keys = (await _edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{fixture.ProjectId}/api-keys"))["apiKeys"]!.AsArray();
        var key = keys.Count > 0 ? (string)keys[0]!["id"]!
            : (string)(await _edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{fixture.ProjectId}/api-keys", new { name = "k", key_type = "secret", environment = "test" }))["apiKey"]!["id"]!;
        var @default = (string)(await _edge.SendAdminAsync(HttpMethod.Get, "/api/projects"))["projects"]![0]!["id"]!;
        var whole = "/api/projects" + path.Replace("/P", "/" + fixture.ProjectId).Replace("/D/", $"/{@default}/").Replace("/K", "/" + key);
        return await _edge.Admin.SendAsync(new HttpRequestMessage(new(method), whole) { Content = body is null ? null : RunningEdge.Json(body) });
    }

    private async Task<string> StateAsync()
    {
        using var warm = await SendAsync("GET", "/P", null);
        var state = "";
        foreach (var path in (string[])["", "/P", "/P/api-keys", "/P/provider-keys", "/P/rate-limits", "/P/networking"])
        {
            state += await (await SendAsync("GET", path, null)).Content.ReadAsStringAsync();
        }

        return state;
    }
}
