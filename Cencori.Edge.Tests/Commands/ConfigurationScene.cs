using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Startup;

namespace Cencori.Edge.Tests.Commands;

/// <summary>An edge, a document, and the command line that uses both.</summary>
public abstract class ConfigurationScene : IAsyncLifetime
{
    protected const string Secret = "sk-recognisable-0123456789";

    private readonly string _directory = Directory.CreateTempSubdirectory("edge-code-").FullName;

    protected RunningEdge Edge { get; private set; } = null!;

    /// <summary>A project of that edge, with a credential for <c>openai</c>.</summary>
    protected string Project { get; private set; } = "";

    protected string Document => Path.Combine(_directory, "edge.yaml");

    public async Task InitializeAsync()
    {
        Edge = await RunningEdge.StartAsync([RunningEdge.LoopbackIsOpen]);
        Project = await Edge.CreateProjectAsync("openai");
    }

    public async Task DisposeAsync()
    {
        await Edge.DisposeAsync();
        RunDirectory.Delete(_directory);
    }

    protected async Task<string> KeyAsync(string name) =>
        (string)(await Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{Project}/api-keys", new { name, key_type = "secret", environment = "test" }))["apiKey"]!["id"]!;

    protected async Task FillAsync()
    {
        await Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{Project}", new { default_model = "gpt-4o", default_provider = "openai", model_aliases = new { fast = "gpt-4o-mini" } });
        await Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{Project}/networking", new { access_mode = "restricted", allowed_cidrs = new[] { "127.0.0.0/8", "::1" } });
        await Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{Project}/budget", new
        {
            monthly_budget_usd = 12.50m, enforce = false, alerts = new[] { 100, 50 }, webhook_url = "https://ops.example/budget", webhook_secret = "a-webhook-secret-of-ours",
        });
        await Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{Project}/prices", new { prices = new[] { new { provider = "openai", model = "gpt-4o", input = 2.50, output = 10 } } });
        await Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{Project}/prompts", new { name = "greeting", description = "says hello", content = "Hello {{name}}\nand: good # day\n" });
        var agent = await Edge.CreateAgentAsync(Project, new { model = "gpt-4o", system_prompt = "Be brief.\nBe kind.", temperature = 0.25, tools = new[] { "search" }, memory = new { @namespace = "notes", threshold = 0.5, store = true } });
        await Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{Project}/agents/{agent}", new { name = "helper" });
        await Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{Project}/agents/{agent}/budget", new { monthly_budget_usd = 3 });
        await Edge.CreateKeyAsync(Project, "agent", more: new { agent_id = agent });
        await Edge.CreateKeyAsync(Project, "publishable", "test", new { allowed_domains = new[] { "Exämple.com" } });
        await Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{Project}/api-keys", new { name = "backend", key_type = "secret", environment = "production", allowed_models = new[] { "gpt-*" }, allowed_cidrs = new[] { "0.0.0.0/0", "::1" }, expires_at = "2099-01-01T00:00:00+01:00" });
        var gone = await Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{Project}/api-keys", new { name = "gone", key_type = "secret", environment = "test" });
        await Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{Project}/api-keys/{(string)gone["apiKey"]!["id"]!}", new { revoked = true });
    }

    protected static async Task<string> ExportAsync(RunningEdge edge) => (await edge.SendAdminAsync(HttpMethod.Get, "/api/export?format=json"))["projects"]!.AsArray()
        .Single(project => (string)project!["slug"]! != "default")!.ToJsonString();

    protected async Task<int> AuditRowsAsync() => (await Edge.SendAdminAsync(HttpMethod.Get, "/api/audit?limit=200"))["entries"]!.AsArray().Count;

    protected Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) => RunAsync(Edge, arguments);

    protected static async Task<(int Code, string Output, string Errors)> RunAsync(RunningEdge edge, params string[] arguments)
    {
        var run = await ProgramRun.ToEndAsync([.. arguments, $"--server={edge.Address}", $"--Admin:Token={RunningEdge.AdminToken}"]);
        Assert.DoesNotContain(RunningEdge.AdminToken, run.Output + run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, run.Output + run.Errors, StringComparison.Ordinal);
        return run;
    }
}
