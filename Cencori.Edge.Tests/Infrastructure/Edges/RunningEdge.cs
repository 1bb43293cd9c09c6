using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Cencori.Edge.Hosting;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Storage.Systems;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenAI;

namespace Cencori.Edge.Tests.Infrastructure.Edges;

/// <summary>
/// A complete edge on a loopback Kestrel with its own data directory, built by the same code as in production. <see cref="Logs"/> has all its log lines of
/// every level.
/// </summary>
public sealed class RunningEdge : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly bool _ownsDirectory;

    private RunningEdge(WebApplication app, Task<Welcome?> preparing, LogRecorder logs, string directory, bool ownsDirectory)
    {
        _app = app;
        _ownsDirectory = ownsDirectory;
        Preparing = preparing;
        Logs = logs;
        DataDirectory = directory;
        Address = new Uri(app.Urls.First());

        // Disposing a running response should disconnect at once; by default the client drains it for up to 2 s.
        Http = new HttpClient(new SocketsHttpHandler { UseCookies = false, ResponseDrainTimeout = TimeSpan.Zero }) { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(30) };
        Admin = new HttpClient { BaseAddress = Address };
        Admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (preparing.IsCompleted ? Welcome.AdminToken : null) ?? AdminToken);
    }

    /// <summary>The admin token of the edges, set as <c>Admin:Token</c>.</summary>
    public static string AdminToken => "a-token-that-only-tests-know";

    /// <summary>Completes when the database is prepared, which may be after the start. Null: the edge stopped before.</summary>
    public Task<Welcome?> Preparing { get; }

    public Welcome Welcome => Preparing.IsCompleted ? Preparing.Result! : throw new InvalidOperationException("The database is not prepared yet.");

    public LogRecorder Logs { get; }

    public string DataDirectory { get; }

    public Uri Address { get; }

    /// <summary>All addresses; the first is <see cref="Address"/>.</summary>
    public IEnumerable<string> Urls => _app.Urls;

    public IServiceProvider Services => _app.Services;

    /// <summary>Sends no credential.</summary>
    public HttpClient Http { get; }

    /// <summary>Sends the admin token.</summary>
    public HttpClient Admin { get; }

    /// <param name="settings">As on the command line: <c>Section:Key=value</c>.</param>
    /// <param name="configure">Replaces services of the edge.</param>
    /// <param name="dataDirectory">An existing directory that is kept. Default: a new one with a migrated database, deleted with the edge.</param>
    public static async Task<RunningEdge> StartAsync(IEnumerable<string>? settings = null, Action<WebApplicationBuilder>? configure = null, string? dataDirectory = null)
    {
        var directory = dataDirectory ?? await MigratedDatabase.NewDirectoryAsync();
        var logs = new LogRecorder();
        string[] defaults = ["urls=http://127.0.0.1:0", $"Storage:DataDirectory={directory}", $"Admin:Token={AdminToken}", "Drain:GraceSeconds=0"];
        var app = Program.Build([.. defaults.Concat(settings ?? []).Select(setting => "--" + setting)], builder =>
        {
            builder.Logging.ClearProviders();
            builder.Logging.AddProvider(logs);
            builder.Logging.SetMinimumLevel(LogLevel.Trace);
            configure?.Invoke(builder);
        });
        Welcome? welcome;
        try
        {
            welcome = await Welcome.PrepareAsync(app.Services);
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        var preparing = welcome is null ? Welcome.PrepareLateAsync(app.Services, app.Lifetime.ApplicationStopping) : Task.FromResult<Welcome?>(welcome);
        return new RunningEdge(app, preparing, logs, directory, ownsDirectory: dataDirectory is null);
    }

    /// <summary>Lets several edges share a data directory without Redis, for tests of their interaction in the database.</summary>
    public static void Join(WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<IDatabaseSystem>(provider => new SqliteSystem(provider.GetRequiredService<DataDirectory>(), isJoined: true));

    /// <summary>A setting that routes a provider's requests to <paramref name="address"/>.</summary>
    public static string Destination(string provider, Uri address) => $"ReverseProxy:Clusters:{provider}:Destinations:default:Address={address}";

    /// <summary>A setting that allows projects to have base URLs on this machine, where scripted providers listen.</summary>
    public static string LoopbackIsOpen => "Egress:AllowedNetworks=127.0.0.0/8";

    /// <summary>An edge whose provider <c>openai</c> is the scripted one.</summary>
    public static Task<RunningEdge> StartAsync(ScriptedProvider openai, params string[] settings) => StartAsync([Destination("openai", openai.Address), .. settings]);

    /// <summary>A project without limits and with production credentials for the given providers.</summary>
    public async Task<string> CreateProjectAsync(params string[] providers)
    {
        var project = await SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = "test project" });
        var id = (string)project["project"]!["id"]!;
        await SetLimitsAsync(id, new { });
        foreach (var provider in providers)
        {
            await StoreProviderKeyAsync(id, provider);
        }

        return id;
    }

    /// <summary>The credential is <see cref="ProviderKey"/>.</summary>
    public Task<JsonNode> StoreProviderKeyAsync(string projectId, string provider, string environment = "production", string? baseUrl = null) =>
        SendAdminAsync(HttpMethod.Post, $"/api/projects/{projectId}/provider-keys", baseUrl is null
            ? new { provider, apiKey = ProviderKey, environment }
            : new { provider, apiKey = ProviderKey, environment, baseUrl });

    public static string ProviderKey => "sk-provider-0123456789abcdefghijklmnop";

    /// <summary>Replaces the project's limits. Limits that <paramref name="limits"/> omits are unlimited.</summary>
    public Task<JsonNode> SetLimitsAsync(string projectId, object limits)
    {
        var body = new JsonObject { ["requests_per_minute"] = null, ["tokens_per_minute"] = null, ["concurrent_requests"] = null };
        foreach (var (name, value) in JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(limits))!.AsObject())
        {
            body[name] = value?.DeepClone();
        }

        return SendAdminAsync(HttpMethod.Put, $"/api/projects/{projectId}/rate-limits", body);
    }

    /// <summary>Creates a key and returns it. <paramref name="more"/> has further members of the request body.</summary>
    public async Task<string> CreateKeyAsync(string projectId, string type = "secret", string environment = "production", object? more = null)
    {
        var body = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(more ?? new { }))!.AsObject();
        body["name"] = "test key";
        body["key_type"] = type;
        body["environment"] = environment;
        if (type == "agent" && !body.ContainsKey("agent_id"))
        {
            body["agent_id"] = await CreateAgentAsync(projectId);
        }

        var key = await SendAdminAsync(HttpMethod.Post, $"/api/projects/{projectId}/api-keys", body);
        return (string)key["apiKey"]!["full_key"]!;
    }

    /// <summary>Creates an agent with the settings of <paramref name="config"/> and returns its id.</summary>
    public async Task<string> CreateAgentAsync(string projectId, object? config = null, bool isShadow = false) => (string)(await SendAdminAsync(
        HttpMethod.Post, $"/api/projects/{projectId}/agents", new { name = "test agent", shadow_mode = isShadow, config = config ?? new { } }))["id"]!;

    /// <summary>A <c>cake_</c> key of a new agent.</summary>
    public async Task<string> CreateAgentKeyAsync(string projectId, object? config = null, bool isShadow = false) =>
        await CreateKeyAsync(projectId, "agent", more: new { agent_id = await CreateAgentAsync(projectId, config, isShadow) });

    /// <summary>A production key of a new unlimited project that has a credential for <c>openai</c>.</summary>
    public async Task<string> CreateOpenAIKeyAsync() => await CreateKeyAsync(await CreateProjectAsync("openai"));

    /// <summary>Fails the test unless the response is a success.</summary>
    public async Task<JsonNode> SendAdminAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : Json(body);
        using var response = await Admin.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    /// <summary>POSTs JSON with a project key.</summary>
    public Task<HttpResponseMessage> PostAsync(string? key, string path, object body, params (string Name, string Value)[] headers) =>
        SendAsync(key, HttpMethod.Post, path, Json(body), headers);

    /// <summary>Returns when the response headers have arrived.</summary>
    public Task<HttpResponseMessage> SendAsync(string? key, HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path) { Content = content };
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public static StringContent Json(object body) =>
        new(body as string ?? System.Text.Json.JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");

    /// <summary>The official SDK; only the base URL and the key are changed, and its retries are switched off.</summary>
    public OpenAIClient OpenAI(string key, string path = "/v1") => new(
        new ApiKeyCredential(key),
        new OpenAIClientOptions { Endpoint = new Uri(Address, path), RetryPolicy = new ClientRetryPolicy(maxRetries: 0) });

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Admin.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        if (_ownsDirectory)
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            RunDirectory.Delete(DataDirectory);
        }
    }
}
