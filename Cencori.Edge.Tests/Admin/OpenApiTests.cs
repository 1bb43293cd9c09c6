using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Admin;

/// <summary>The OpenAPI document matches the endpoints: their paths, request bodies and responses.</summary>
public sealed partial class OpenApiTests(RespondingEdge scene) : IClassFixture<RespondingEdge>
{
    private static readonly string[] Methods = ["get", "post", "put", "patch", "delete"];

    private readonly HashSet<string> _seen = [];
    private JsonNode _document = null!;

    private string Project => $"/api/projects/{scene.ProjectId}";

    [Fact]
    public async Task The_document_has_every_route_of_the_edge_and_no_other()
    {
        var document = await scene.Edge.SendAdminAsync(HttpMethod.Get, "/api/openapi.json");
        var described = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(method => $"{method.Key.ToUpperInvariant()} {path.Key}")).ToHashSet();
        var mapped = scene.Edge.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>() is not null)
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Where(method => method != "HEAD")
                .Select(method => $"{method} /{Template().Replace(endpoint.RoutePattern.RawText!, "{$1}").Trim('/')}"))
            .Where(route => route.Contains(" /api/", StringComparison.Ordinal) || route.Contains(" /v1/", StringComparison.Ordinal) || route.Contains(" /health", StringComparison.Ordinal))
            .Where(route => !Alias().IsMatch(route))
            .ToHashSet();

        Assert.Empty(mapped.Except(described));
        Assert.Empty(described.Where(route => route.Contains(" /api/", StringComparison.Ordinal) && !route.Contains(" /api/ai", StringComparison.Ordinal)).Except(mapped));
        Assert.Equal("3.1.0", (string?)document["openapi"]);
        Assert.Equal(described.Count, Operations(document).Select(operation => (string)operation["operationId"]!).Distinct().Count());
    }

    [Fact]
    public async Task Every_reference_in_the_document_exists()
    {
        var text = (await scene.Edge.SendAdminAsync(HttpMethod.Get, "/api/openapi.json")).ToJsonString();
        var check = new SchemaCheck(JsonNode.Parse(text)!);
        foreach (var reference in Reference().Matches(text).Select(match => match.Groups[1].Value).Distinct())
        {
            // Throws if the reference does not exist.
            _ = check.Faults(new JsonObject { ["$ref"] = reference }, null).ToList();
        }
    }

    [Fact]
    public async Task Each_parameter_of_the_audit_log_is_described()
    {
        var document = await scene.Edge.SendAdminAsync(HttpMethod.Get, "/api/openapi.json");
        var described = document["paths"]!["/api/audit"]!["get"]!["parameters"]!.AsArray().Select(parameter => (string)parameter!["name"]!);
        Assert.Equal(["action", "actor", "cursor", "format", "from", "limit", "object", "project", "to"], described.Order(StringComparer.Ordinal));
    }

    [Fact]
    [Trait(SlowestTests.Trait, "Each route of the administration is called.")]
    public async Task Every_response_of_the_administration_matches_the_document()
    {
        _document = await scene.Edge.SendAdminAsync(HttpMethod.Get, "/api/openapi.json");
        using var chat = await scene.ChatAsync();

        await SendAsync("GET", "/api/projects");
        var created = (string)(await SendAsync("POST", "/api/projects", new { name = "described" }))!["project"]!["id"]!;
        await SendAsync("GET", "/api/projects/{projectId}", path: $"/api/projects/{created}");
        await SendAsync("PATCH", "/api/projects/{projectId}", new { name = "again", model_aliases = new { fast = "gpt-4o" } }, $"/api/projects/{created}");
        await SendAsync("DELETE", "/api/projects/{projectId}", path: $"/api/projects/{created}");

        var key = await SendAsync("POST", "/api/projects/{projectId}/api-keys", new { name = "k", key_type = "secret", environment = "test", allowed_models = new[] { "gpt-*" } });
        var keyId = (string)key!["apiKey"]!["id"]!;
        await SendAsync("GET", "/api/projects/{projectId}/api-keys");
        await SendAsync("GET", "/api/projects/{projectId}/api-keys/{keyId}", id: keyId);
        await SendAsync("PATCH", "/api/projects/{projectId}/api-keys/{keyId}", new { name = "k2", expires_at = "2099-01-01T00:00:00Z" }, id: keyId);
        await SendAsync("PUT", "/api/projects/{projectId}/api-keys/{keyId}/budget", new { monthly_budget_usd = 1.5 }, id: keyId);
        await SendAsync("GET", "/api/projects/{projectId}/api-keys/{keyId}/budget", id: keyId);
        await SendAsync("POST", "/api/projects/{projectId}/api-keys/{keyId}/rotate", id: keyId);

        var stored = await SendAsync("POST", "/api/projects/{projectId}/provider-keys", new { provider = "groq", apiKey = RunningEdge.ProviderKey });
        await SendAsync("GET", "/api/projects/{projectId}/targets");
        await SendAsync("POST", "/api/projects/{projectId}/targets/{credentialId}/reset", id: (string)stored!["provider"]!["id"]!);
        await SendAsync("GET", "/api/projects/{projectId}/provider-keys");
        await SendAsync("GET", "/api/projects/{projectId}/provider-keys/{provider}", id: "groq");
        await SendAsync("PATCH", "/api/projects/{projectId}/provider-keys/{provider}", new { name = "default", weight = 2, models = new[] { "llama-*" }, enabled = true }, id: "groq");
        await SendAsync("DELETE", "/api/projects/{projectId}/provider-keys/{provider}", id: "groq");
        await SendAsync("POST", "/api/projects/{projectId}/provider-keys/{provider}/test", id: "openai");

        await SendAsync("PUT", "/api/projects/{projectId}/routes/{name}", new { groups = new[] { new { targets = new[] { new { model = "openai/gpt-4o" } } } }, when = new[] { new { @if = new { stream = true }, groups = new[] { new { targets = new[] { new { model = "openai/gpt-4o", without = new[] { "images" } } } } } } } }, id: "chat");
        await SendAsync("GET", "/api/projects/{projectId}/routes/{name}", id: "chat");
        await SendAsync("GET", "/api/projects/{projectId}/routes");
        await SendAsync("POST", "/api/projects/{projectId}/routes/{name}/explain", new { request = new { model = "chat", messages = new[] { new { role = "user", content = "Hello!" } } } }, id: "chat");
        await SendAsync("GET", "/api/projects/{projectId}/routes/{name}/report", id: "chat");
        await SendAsync("DELETE", "/api/projects/{projectId}/routes/{name}", id: "chat");
        await SendAsync("GET", "/api/projects/{projectId}/policies");
        await SendAsync("PUT", "/api/projects/{projectId}/policies", new { rules = new[] { new { name = "mail", kind = "email", action = "mask", allow = new[] { "*@acme.com" } } } });
        await SendAsync("POST", "/api/projects/{projectId}/policies/test", new { text = "to a@example.com" });
        await SendAsync("GET", "/api/projects/{projectId}/policies/report");
        await SendAsync("PUT", "/api/projects/{projectId}/policies", new { rules = Array.Empty<object>(), webhook = new { url = scene.Provider.Address.ToString(), secret = "sixteen-characters" } });
        await SendAsync("POST", "/api/projects/{projectId}/policies/webhook/test");
        await SendAsync("PUT", "/api/projects/{projectId}/networking", new { access_mode = "restricted", allowed_cidrs = Array.Empty<string>() });
        await SendAsync("PUT", "/api/projects/{projectId}/networking", new { access_mode = "public", allowed_cidrs = new[] { "10.0.0.0/8" } });
        await SendAsync("GET", "/api/projects/{projectId}/networking");
        await SendAsync("GET", "/api/projects/{projectId}/rate-limits");
        await SendAsync("PUT", "/api/projects/{projectId}/rate-limits", new { requests_per_minute = 600, tokens_per_minute = (int?)null, concurrent_requests = (int?)null });
        await SendAsync("GET", "/api/projects/{projectId}/budget");
        await SendAsync("PUT", "/api/projects/{projectId}/budget", new { monthly_budget_usd = 100, webhook_url = "https://ops.example/x", webhook_secret = "sixteen-characters" });
        await SendAsync("PUT", "/api/projects/{projectId}/prices", new { prices = new[] { new { provider = "openai", model = "x", input = 1, output = 2, from = "2026-01-01" } } });
        await SendAsync("GET", "/api/projects/{projectId}/prices");
        await SendAsync("GET", "/api/projects/{projectId}/open-work");
        await SendAsync("GET", "/api/projects/{projectId}/verify");
        await AlertsAsync();
        await AgentsAsync();
        await PromptsAsync();
        await PeopleAsync();

        var logs = await SendAsync("GET", "/api/projects/{projectId}/logs");
        await SendAsync("GET", "/api/projects/{projectId}/logs/{requestId}", id: (string)logs!["requests"]![0]!["request_id"]!);
        await SendAsync("GET", "/api/audit");
        await SendAsync("GET", "/api/audit/verify");
        var exported = await SendAsync("GET", "/api/export", path: "/api/export?format=json");
        await SendAsync("POST", "/api/apply", exported, "/api/apply?plan=true");
        await SendAsync("GET", "/api/openapi.json");

        Assert.Empty(_document["paths"]!.AsObject()
            .Where(path => path.Key.StartsWith("/api/", StringComparison.Ordinal) && !path.Key.StartsWith("/api/ai", StringComparison.Ordinal) && !path.Key.StartsWith("/api/memory", StringComparison.Ordinal))
            .SelectMany(path => path.Value!.AsObject().Select(method => $"{method.Key.ToUpperInvariant()} {path.Key}")).Except(_seen));
    }

    [Fact]
    public async Task Every_response_of_memory_matches_the_document()
    {
        _document = await scene.Edge.SendAdminAsync(HttpMethod.Get, "/api/openapi.json");
        using var caller = new HttpClient { BaseAddress = scene.Edge.Address };
        caller.DefaultRequestHeaders.Authorization = new("Bearer", await scene.Edge.CreateKeyAsync(await scene.Edge.CreateProjectAsync(), environment: "test"));
        Task<JsonNode?> CallAsync(string method, string path, object? body = null, string? id = null) => SendAsync(method, "/api/memory" + path, body, id: id, client: caller);

        await CallAsync("POST", "/namespaces", new { name = "notes", dimensions = 64 });
        await CallAsync("GET", "/namespaces");
        await CallAsync("GET", "/namespaces/{name}", id: "notes");
        var entry = (string)(await CallAsync("POST", "/store", new { @namespace = "notes", content = "Ada lives in Accra." }))!["id"]!;
        await CallAsync("POST", "/store", new { @namespace = "notes", items = new[] { new { content = "one" }, new { content = "two" } } });
        await CallAsync("POST", "/search", new { @namespace = "notes", query = "Accra", threshold = 0 });
        await CallAsync("GET", "/{id}", id: entry);
        await CallAsync("GET", "/namespaces/{name}/memories", id: "notes");
        await CallAsync("POST", "/namespaces/{name}/import", new { content = "three" }, "notes");
        await CallAsync("POST", "/namespaces/{name}/reembed", new { embeddingModel = "text-embedding-3-large", dimensions = 32 }, "notes");
        await CallAsync("DELETE", "/namespaces/{name}/reembed", id: "notes");
        await CallAsync("DELETE", "/{id}", id: entry);
        await CallAsync("DELETE", "/namespaces/{name}", id: "notes");

        // The export consists of JSON lines, which a JSON schema cannot describe. So the document gives only its media type.
        Assert.NotNull(_document["paths"]!["/api/memory/namespaces/{name}/export"]!["get"]!["responses"]!["200"]!["content"]!["application/x-ndjson"]);
        Assert.Equal(["GET /api/memory/namespaces/{name}/export"], _document["paths"]!.AsObject().Where(path => path.Key.StartsWith("/api/memory", StringComparison.Ordinal))
            .SelectMany(path => path.Value!.AsObject().Select(method => $"{method.Key.ToUpperInvariant()} {path.Key}")).Except(_seen));
    }

    [Theory]
    [InlineData("GET", "/api/projects/nowhere", 404)]
    [InlineData("POST", "/api/projects", 415)]
    [InlineData("GET", "/api/audit?limit=nonsense", 400)]
    public async Task Errors_match_the_document(string method, string path, int status)
    {
        var document = await scene.Edge.SendAdminAsync(HttpMethod.Get, "/api/openapi.json");
        using var response = await scene.Edge.Admin.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Empty(new SchemaCheck(document).Faults(document["components"]!["schemas"]!["Error"], JsonNode.Parse(await response.Content.ReadAsStringAsync())));
    }

    [Fact]
    public void The_schema_check_finds_faults()
    {
        var schema = JsonNode.Parse("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":["string","null"]}},"required":["a"],"additionalProperties":false}""")!;
        var check = new SchemaCheck(schema);
        Assert.Empty(check.Faults(schema, JsonNode.Parse("""{"a":1,"b":null}""")));
        Assert.Equal(3, check.Faults(schema, JsonNode.Parse("""{"b":1,"c":1}""")).Count());
        Assert.Single(check.Faults(schema, JsonNode.Parse("""{"a":1.5}""")));
    }

    // Each project's webhook can be tested only once in 10 seconds, so each kind has its own project.
    private async Task AlertsAsync()
    {
        foreach (var kind in new[] { "", "/api-keys/{keyId}", "/agents/{agentId}" })
        {
            var project = await scene.Edge.CreateProjectAsync();
            await scene.Edge.CreateKeyAsync(project, "agent");
            var owner = await scene.Edge.ReadAsync(database => database.ApiKeys.Where(key => key.ProjectId == project).Select(key => kind.EndsWith("keyId}") ? key.Id : key.AgentId!).SingleAsync());
            var (template, path) = ($"/api/projects/{{projectId}}{kind}/budget", $"/api/projects/{project}{Braces().Replace(kind, owner)}/budget");
            await scene.Edge.SendAdminAsync(HttpMethod.Put, path, new { monthly_budget_usd = 1, webhook_url = scene.Provider.Address.ToString(), webhook_secret = "sixteen-characters" });
            await SendAsync("POST", template + "/test", path: path + "/test");
            await scene.Edge.ReadAsync(database => database.AlertDeliveries.Where(alert => alert.ProjectId == project).ExecuteUpdateAsync(alert => alert.SetProperty(reported => reported.Threshold, 50)));
            var id = (long)(await SendAsync("GET", template + "/alerts", path: path + "/alerts"))!["alerts"]![0]!["id"]!;
            await SendAsync("POST", template + "/alerts/{alertId}/resend", path: $"{path}/alerts/{id}/resend");
        }
    }

    private async Task AgentsAsync()
    {
        var agent = (string)(await SendAsync("POST", "/api/projects/{projectId}/agents", new { name = "a", config = new { model = "gpt-4o", temperature = 0.5, tools = new[] { "t" } } }))!["id"]!;
        await SendAsync("GET", "/api/projects/{projectId}/agents");
        await SendAsync("GET", "/api/projects/{projectId}/agents/{agentId}", id: agent);
        await SendAsync("PATCH", "/api/projects/{projectId}/agents/{agentId}", new { description = "d", config = new { tools = (string[]?)null } }, id: agent);
        await SendAsync("PUT", "/api/projects/{projectId}/agents/{agentId}/rate-limits", new { requests_per_minute = 5, tokens_per_minute = 5, concurrent_requests = 5 }, id: agent);
        await SendAsync("GET", "/api/projects/{projectId}/agents/{agentId}/rate-limits", id: agent);
        await SendAsync("PUT", "/api/projects/{projectId}/agents/{agentId}/budget", new { monthly_budget_usd = (int?)null }, id: agent);
        await SendAsync("GET", "/api/projects/{projectId}/agents/{agentId}/budget", id: agent);
        await SendAsync("POST", "/api/projects/{projectId}/agents/{agentId}/keys", id: agent);
        foreach (var decision in new[] { "approve", "reject" })
        {
            var action = $"act_{decision}";
            await scene.Edge.ReadAsync(async database =>
            {
                database.PendingActions.Add(new PendingActionRecord
                {
                    Id = action, ProjectId = scene.ProjectId, AgentId = agent, RequestId = "req_x", Tool = "t", Arguments = "{}",
                    CreatedAt = TimeProvider.System.GetUtcNow(), ExpiresAt = TimeProvider.System.GetUtcNow().AddHours(1),
                });
                return await database.SaveChangesAsync();
            });
            await SendAsync("GET", "/api/projects/{projectId}/agents/{agentId}/actions", id: agent);
            await SendAsync("GET", "/api/projects/{projectId}/agents/{agentId}/actions/{actionId}", path: $"{Project}/agents/{agent}/actions/{action}");
            await SendAsync("POST", $"/api/projects/{{projectId}}/agents/{{agentId}}/actions/{{actionId}}/{decision}", path: $"{Project}/agents/{agent}/actions/{action}/{decision}");
        }

        await SendAsync("DELETE", "/api/projects/{projectId}/agents/{agentId}", id: agent);
    }

    private async Task PeopleAsync()
    {
        await scene.Edge.ReadAsync(async database =>
        {
            database.Users.Add(new UserRecord { Id = "usr_described", Issuer = "https://id.example", Subject = "1", CreatedAt = TimeProvider.System.GetUtcNow() });
            return await database.SaveChangesAsync();
        });
        await SendAsync("GET", "/api/members");
        await SendAsync("GET", "/api/members/{memberId}", id: "usr_described");
        await SendAsync("PATCH", "/api/members/{memberId}", new { role = "member", projects = new[] { scene.ProjectId } }, id: "usr_described");
        await SendAsync("DELETE", "/api/members/{memberId}", id: "usr_described");
        var invited = await SendAsync("POST", "/api/invitations", new { email = "described@example.com", role = "viewer", expires_in_days = 3 });
        await SendAsync("GET", "/api/invitations");
        await SendAsync("DELETE", "/api/invitations/{invitationId}", id: (string)invited!["invitation"]!["id"]!);
    }

    private async Task PromptsAsync()
    {
        var prompt = (string)(await SendAsync("POST", "/api/projects/{projectId}/prompts", new { name = "p", content = "Hello {{name}}" }))!["prompt"]!["id"]!;
        await SendAsync("GET", "/api/projects/{projectId}/prompts");
        await SendAsync("GET", "/api/projects/{projectId}/prompts/{promptId}", id: prompt);
        var version = (string)(await SendAsync("POST", "/api/projects/{projectId}/prompts/{promptId}/versions", new { content = "Hi", change_message = "shorter" }, id: prompt))!["version"]!["id"]!;
        await SendAsync("GET", "/api/projects/{projectId}/prompts/{promptId}/versions", id: prompt);
        await SendAsync("POST", "/api/projects/{projectId}/prompts/{promptId}/deploy", new { version_id = version }, id: prompt);
        await SendAsync("DELETE", "/api/projects/{projectId}/prompts/{promptId}", id: prompt);
    }

    // Checks request and response bodies against the document.
    private async Task<JsonNode?> SendAsync(string method, string endpoint, object? body = null, string? path = null, string? id = null, HttpClient? client = null)
    {
        _seen.Add($"{method} {endpoint}");
        var operation = _document["paths"]![endpoint]![method.ToLowerInvariant()]!;
        var check = new SchemaCheck(_document);
        using var request = new HttpRequestMessage(new HttpMethod(method), path ?? Braces().Replace(endpoint.Replace("{projectId}", scene.ProjectId, StringComparison.Ordinal), id ?? ""));
        if (body is not null)
        {
            request.Content = RunningEdge.Json(body is JsonNode node ? node.ToJsonString() : body);
            Assert.Empty(check.Faults(operation["requestBody"]!["content"]!["application/json"]!["schema"], JsonNode.Parse(await request.Content.ReadAsStringAsync())));
        }

        using var response = await (client ?? scene.Edge.Admin).SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(operation["responses"]![$"{(int)response.StatusCode}"] is not null, $"{method} {endpoint}: {(int)response.StatusCode} {text}");
        var said = operation["responses"]![$"{(int)response.StatusCode}"]!;
        Assert.Equal(said["headers"]?["ETag"] is not null, response.Headers.ETag is not null);
        if (said["content"] is null)
        {
            Assert.Equal("", text);
            return null;
        }

        var read = JsonNode.Parse(text);
        Assert.Empty(check.Faults(said["content"]!["application/json"]!["schema"], read).Select(fault => $"{method} {endpoint} {fault}"));
        return read;
    }

    private static IEnumerable<JsonNode> Operations(JsonNode document) =>
        document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Where(method => Methods.Contains(method.Key)).Select(method => method.Value!));

    [GeneratedRegex(@"\{\**(\w+)\}")]
    private static partial Regex Template();

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Braces();

    [GeneratedRegex("\"\\$ref\":\"([^\"]+)\"")]
    private static partial Regex Reference();

    // Routes that are not in the document: aliases, and paths that the edge forwards to providers.
    [GeneratedRegex(@" /(api/v1|v1/metrics/\{period\}|v1/\{path\})")]
    private static partial Regex Alias();
}
