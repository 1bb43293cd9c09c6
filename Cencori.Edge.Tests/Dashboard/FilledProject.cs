using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Cencori.Edge.Admin.People;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Dashboard;

/// <summary>A project with one object of each kind, and the addresses of all its pages.</summary>
public sealed partial class FilledProject
{
    // Query parameters that a page needs besides its path.
    private static readonly Dictionary<string, string> Queries = new()
    {
        ["/dashboard/p/{slug}/providers/credential"] = "?provider=openai&environment=production",
        ["/dashboard/p/{slug}/providers/edit"] = "?provider=openai&environment=production",
        ["/dashboard/p/{slug}/providers/delete"] = "?provider=openai&environment=production",
        ["/dashboard/p/{slug}/providers/test"] = "?provider=openai&environment=production",
    };

    // Must wrap, so that the page is no wider than its window.
    private static readonly string LongWord = " " + new string('x', 200);

    private readonly Dictionary<string, string> _ids = [];

    public string Id { get; private set; } = null!;

    public string Slug => _ids["slug"];

    /// <summary>All routes of the edge below <c>/dashboard</c>.</summary>
    public static IEnumerable<RouteEndpoint> Routes(RunningEdge edge) =>
        edge.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(route => PatternOf(route).StartsWith("/dashboard", StringComparison.Ordinal));

    public static string PatternOf(RouteEndpoint route) => "/" + (route.RoutePattern.RawText ?? "").Trim('/');

    public static string MethodOf(RouteEndpoint route) => route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Single();

    /// <param name="edge">An edge with a provider <c>openai</c> that responds.</param>
    /// <param name="text">The text for every text field.</param>
    /// <param name="provider">The provider of that edge.</param>
    public static async Task<FilledProject> CreateAsync(RunningEdge edge, string text, ScriptedProvider provider)
    {
        var name = text[..Math.Min(90, text.Length)];
        var created = new FilledProject();
        var project = (await edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name }))["project"]!;
        created.Id = (string)project["id"]!;
        created._ids["slug"] = (string)project["slug"]!;
        await edge.SetLimitsAsync(created.Id, new { });
        await edge.StoreProviderKeyAsync(created.Id, "openai");
        await edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{created.Id}/provider-keys", new { provider = "openai", apiKey = RunningEdge.ProviderKey, name, rank = 1, weight = 0, models = new[] { name, LongWord.Trim() }, baseUrl = "https://" + new string('a', 60) + ".example.com/v1" });
        await edge.SendAdminAsync(HttpMethod.Patch, "/api/projects/" + created.Id, new { default_model = name, model_aliases = new Dictionary<string, string> { [name] = "gpt-4o" }, log_payloads = true });
        await edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{created.Id}/budget", new { monthly_budget_usd = 5, enforce = false, webhook_url = "https://hooks.example.com/T1/secret-path-of-webhook", webhook_secret = "whsec-that-no-page-shows" });
        var key = (await edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{created.Id}/api-keys", new { name, key_type = "secret", environment = "production" }))["apiKey"]!;
        created._ids["keyId"] = (string)key["id"]!;
        var agent = await edge.CreateAgentAsync(created.Id, new { model = "gpt-4o", system_prompt = text, tools = new[] { "refund" } }, isShadow: true);
        created._ids["agents"] = agent;
        await edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{created.Id}/agents/{agent}", new { name });
        created._ids["prompts"] = (string)(await edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{created.Id}/prompts", new { name = "guide", content = text, description = name + LongWord }))["prompt"]!["id"]!;
        created._ids["route"] = $"team/{created.Id}";
        await edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{created.Id}/routes/{created._ids["route"]}", Route(text));
        created._ids["rule"] = $"rule-{created.Id}";
        await edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{created.Id}/policies", Policies(created._ids["rule"], text).ToJsonString());
        created._ids["invitationId"] = (string)(await edge.SendAdminAsync(HttpMethod.Post, "/api/invitations", new { email = $"<img/src=x/onerror=alert(1)>{created.Id}@example.com", role = "viewer", projects = new[] { created.Id } }))["invitation"]!["id"]!;
        created._ids["memberId"] = (await edge.Services.GetRequiredService<MemberSignIn>().AdmitAsync(
            new Person(text[..Math.Min(200, text.Length)], created.Id) { Name = text, Email = text, HasRoleOfProvider = true, Role = UserRole.Viewer }, text[..Math.Min(40, text.Length)]))!;
        created._ids["requestId"] = await created.RequestsAsync(edge, (string)key["full_key"]!, text, provider);
        created._ids["action"] = await created.ActionAsync(edge, provider);
        await created.MemoryAsync(edge, (string)key["full_key"]!, text);
        (created._ids["hash"], created._ids["name"]) = ("x", "dashboard.css");
        return created;
    }

    /// <summary>The address of a route for this project's objects. Null: the route has a parameter for which this class has no value.</summary>
    /// <param name="route">The route.</param>
    /// <param name="slug">The slug of another project, to look up this project's ids there; default: its own.</param>
    public string? PathOf(RouteEndpoint route, string? slug = null)
    {
        var pattern = PatternOf(route);
        var isKnown = true;
        var path = Parameter().Replace(pattern, match =>
        {
            var name = match.Groups["name"].Value;
            var kind = name == "id" ? match.Groups["before"].Value : name;
            isKnown &= _ids.TryGetValue(kind, out _);
            return match.Groups["before"].Value + "/" + (name == "slug" && slug is not null ? slug : Uri.EscapeDataString(_ids.GetValueOrDefault(kind, "")));
        });
        return isKnown ? path + Queries.GetValueOrDefault(pattern, "") : null;
    }

    private async Task<string> RequestsAsync(RunningEdge edge, string key, string text, ScriptedProvider provider)
    {
        var model = text[..Math.Min(100, text.Length)].Replace("\r", "", StringComparison.Ordinal);
        provider.Enqueue((_, response) => response.JsonAsync(400, new JsonObject { ["error"] = new JsonObject { ["message"] = text, ["type"] = "invalid_request_error", ["code"] = text } }.ToJsonString()));
        (string, string)[] headers = [("User-Agent", "\"><img src=x onerror=alert(1)>"), ("X-Cencori-App", "\"><img src=x onerror=alert(1)>")];
        using var failed = await edge.PostAsync(key, "/v1/chat/completions", Chat("openai/" + model, text), headers);
        await failed.Content.LoadIntoBufferAsync();
        using var edgeResponse = await edge.PostAsync(key, "/v1/chat/completions", Chat("gpt-4o", text), headers);
        await edgeResponse.Content.LoadIntoBufferAsync();
        await edge.RowsOfAsync(Id, 2);
        var logs = await edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{Id}/logs");
        return (string)logs["requests"]![0]!["request_id"]!;
    }

    // Stores vectors itself: a background embedding could consume a scripted response meant for another request.
    private async Task MemoryAsync(RunningEdge edge, string key, string text)
    {
        async Task<JsonNode> PostAsync(string path, JsonObject body)
        {
            using var response = await edge.PostAsync(key, "/api/memory" + path, body);
            return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        }

        var name = text[..Math.Min(90, text.Length)];
        _ids["memory"] = (string)(await PostAsync("/namespaces", new() { ["name"] = name, ["description"] = name + LongWord, ["dimensions"] = 2 }))["id"]!;
        for (var count = 0; count < 30; count++)
        {
            _ids["entry"] = (string)(await PostAsync("/store", new()
            {
                ["namespace"] = _ids["memory"],
                ["content"] = text[..Math.Min(10_000, text.Length)] + LongWord,
                ["metadata"] = new JsonObject { [name] = name + LongWord },
                ["embedding"] = new JsonArray(1, 0.5),
                ["expiresAt"] = count % 2 == 0 ? null : "2099-12-31T00:00:00Z",
            }))["id"]!;
        }
    }

    private async Task<string> ActionAsync(RunningEdge edge, ScriptedProvider provider)
    {
        provider.Enqueue((_, response) => response.JsonAsync(200, """
            {"id":"c1","object":"chat.completion","created":1,"model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[
            {"id":"call_1","type":"function","function":{"name":"refund","arguments":"{\"why\":\"<img src=x onerror=alert(1)>\"}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}
            """));
        var key = (string)(await edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{Id}/agents/{_ids["agents"]}/keys", new { name = "key of an agent", environment = "production" }))["apiKey"]!["full_key"]!;
        using var edgeResponse = await edge.PostAsync(key, "/v1/chat/completions", Chat("gpt-4o", "refund it"));
        await edgeResponse.Content.LoadIntoBufferAsync();
        return (string)(await edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{Id}/agents/{_ids["agents"]}/actions"))["data"]![0]!["id"]!;
    }

    // Puts the text into conditions and model names.
    private static string Route(string text)
    {
        var words = text[..Math.Min(200, text.Length)];
        JsonArray Groups(params string[] models) => [new JsonObject { ["targets"] = new JsonArray([.. models.Select(model => new JsonObject { ["model"] = model })]) }];
        return new JsonObject
        {
            ["when"] = new JsonArray(new JsonObject { ["if"] = new JsonObject { ["users"] = new JsonArray(words), ["metadata"] = new JsonObject { ["team"] = new JsonArray(words + LongWord) }, ["input_tokens"] = new JsonObject { ["over"] = 1000 } }, ["groups"] = Groups("sandbox/" + words) }),
            ["groups"] = Groups("openai/gpt-4o", "groq/" + LongWord.Trim()),
        }.ToJsonString();
    }

    // The rules only count, so requests are forwarded unchanged.
    private static JsonObject Policies(string id, string text) => new()
    {
        ["rules"] = new JsonArray(
            new JsonObject { ["id"] = id, ["name"] = text[..Math.Min(90, text.Length)], ["kind"] = "words", ["words"] = new JsonArray(text[..Math.Min(100, text.Length)], LongWord.Trim()[..90]) },
            new JsonObject { ["name"] = "img", ["kind"] = "pattern", ["pattern"] = "<img[^>]*>" }),
        ["webhook"] = new JsonObject { ["url"] = "https://hooks.example.com/T1/secret-path-of-webhook", ["secret"] = "whsec-that-no-page-shows" },
    };

    private static JsonObject Chat(string model, string text) => new() { ["model"] = model, ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }) };

    [GeneratedRegex(@"(?<before>[^/{}]*)/\{\**(?<name>\w+)\}")]
    private static partial Regex Parameter();
}
