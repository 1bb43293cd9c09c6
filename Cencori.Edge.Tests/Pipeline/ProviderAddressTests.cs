using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Pipeline;

/// <summary>The choice of the provider, and of the address at the provider.</summary>
public sealed class ProviderAddressTests : IAsyncLifetime, IAsyncDisposable
{
    private static readonly string[] Providers = ["openai", "google", "groq", "openrouter", "azure-openai"];

    private readonly ScriptedProvider _provider = new();
    private RunningEdge _edge = null!;
    private string _project = "";
    private string _key = "";

    public async Task InitializeAsync()
    {
        _provider.Respond((_, response) => response.JsonAsync(200, "{}"));
        _edge = await RunningEdge.StartAsync([RunningEdge.LoopbackIsOpen, .. Providers.Select(provider => RunningEdge.Destination(provider, _provider.Address))]);
        _project = await _edge.CreateProjectAsync("openai", "google", "groq", "openrouter");
        _key = await _edge.CreateKeyAsync(_project);
    }

    // xunit requires its own DisposeAsync interface, and the analyzer requires the framework's.
    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        await _edge.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Theory]
    [InlineData("gpt-4o", "/v1/chat/completions")]
    [InlineData("gemini-2.5-pro", "/v1beta/openai/chat/completions")]
    [InlineData("llama-3.3-70b-versatile", "/openai/v1/chat/completions")]
    [InlineData("openrouter/anything/at-all", "/api/v1/chat/completions")]
    public async Task The_providers_path_base_replaces_v1(string model, string target)
    {
        // yarp trap 24
        foreach (var prefix in (string[])["/v1", "/api/v1"])
        {
            using var response = await _edge.PostAsync(_key, $"{prefix}/chat/completions?a=1&b=%20x", ScriptedEdge.ChatOf(model));

            Assert.True(response.IsSuccessStatusCode);
            Assert.Equal(target + "?a=1&b=%20x", (await _provider.NextRequestAsync()).Target);
        }
    }

    [Theory]
    [InlineData("openai", "some/deployment", "/some/deployment/chat/completions?api-version=1")]
    [InlineData("openai", "some/deployment/", "/some/deployment/chat/completions?api-version=1")]
    [InlineData("openai", "", "/chat/completions?api-version=1")]
    [InlineData("azure-openai", "openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21")]
    [InlineData("azure-openai", "openai/v1/", "/openai/v1/chat/completions?api-version=1")]
    public async Task A_credentials_base_URL_replaces_address_and_path(string provider, string path, string target)
    {
        await using var own = new ScriptedProvider();
        own.Respond((_, response) => response.JsonAsync(200, "{}"));
        await _edge.StoreProviderKeyAsync(_project, provider, baseUrl: new Uri(own.Address, path).AbsoluteUri);

        using var edgeResponse = await _edge.PostAsync(_key, "/v1/chat/completions?api-version=1", ScriptedEdge.ChatOf(provider + "/gpt-4o"));
        var received = await own.NextRequestAsync();

        Assert.True(edgeResponse.IsSuccessStatusCode);
        Assert.Equal(target, received.Target);
        Assert.Equal([own.Address.Authority], received.Values("Host"));
        Assert.Single(received.Headers, header => header.Value.Contains(RunningEdge.ProviderKey, StringComparison.Ordinal));
        Assert.Empty(_provider.Requests);
    }

    [Theory]
    [InlineData("GET", "files/file-1/content")]
    [InlineData("DELETE", "files/file-1")]
    [InlineData("GET", "batches/b-1")]
    [InlineData("POST", "batches/b-1/cancel")]
    [InlineData("DELETE", "responses/resp_1")]
    [InlineData("GET", "responses/resp_1?include%5B%5D=x")]
    public async Task A_request_without_a_model_goes_to_the_provider_of_the_header_or_else_to_the_default(string method, string path)
    {
        using var named = await _edge.SendAsync(_key, new HttpMethod(method), "/v1/" + path, null, ("X-Cencori-Provider", "groq"));
        var atNamed = await _provider.NextRequestAsync();
        await _edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{_project}", new { default_provider = "google" });
        using var byProvider = await _edge.SendAsync(_key, new HttpMethod(method), "/v1/" + path);
        var atDefault = await _provider.NextRequestAsync();
        await _edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{_project}", new { default_provider = (string?)null, default_model = "openrouter/x" });
        using var byModel = await _edge.SendAsync(_key, new HttpMethod(method), "/v1/" + path);
        var atModel = await _provider.NextRequestAsync();

        Assert.Equal([$"/openai/v1/{path}", $"/v1beta/openai/{path}", $"/api/v1/{path}"], [atNamed.Target, atDefault.Target, atModel.Target]);
        Assert.All([atNamed, atDefault, atModel], received => Assert.Equal(method, received.Method));
        Assert.All([atNamed, atDefault, atModel], received => Assert.Equal(["Bearer " + RunningEdge.ProviderKey], received.Values("Authorization")));
    }

    [Fact]
    public async Task The_header_chooses_the_provider_and_another_providers_prefix_is_part_of_the_model_name()
    {
        using var named = await _edge.PostAsync(_key, "/v1/chat/completions", ScriptedEdge.Chat, ("X-Cencori-Provider", "groq"));
        using var both = await _edge.PostAsync(_key, "/v1/chat/completions", ScriptedEdge.Chat.Replace("gpt", "openai/gpt", StringComparison.Ordinal), ("X-Cencori-Provider", "groq"));

        Assert.Equal("/openai/v1/chat/completions", (await _provider.NextRequestAsync()).Target);
        var received = await _provider.NextRequestAsync();
        Assert.Equal("/openai/v1/chat/completions", received.Target);
        Assert.Contains("\"openai/gpt", received.BodyText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_alias_in_the_query_is_replaced_like_one_in_a_body()
    {
        await _edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{_project}", new { model_aliases = new { voice = "openai/gpt-realtime" } });

        using var response = await _edge.SendAsync(_key, HttpMethod.Get, "/v1/realtime?a=%20&model=voice&b=2");

        Assert.Equal("/v1/realtime?a=%20&model=gpt-realtime&b=2", (await _provider.NextRequestAsync()).Target);
    }

    [Theory]
    [InlineData("api_key={0}")]
    [InlineData("a=1&K%65y=%20{0}&b")]
    public async Task A_project_key_in_the_query_gives_400_and_reaches_no_provider(string query)
    {
        // field trap 16
        using var response = await _edge.PostAsync(_key, "/v1/chat/completions?" + query.Replace("{0}", _key.Replace("_", "%5f", StringComparison.Ordinal), StringComparison.Ordinal), ScriptedEdge.Chat);

        Assert.Equal(400, (int)response.StatusCode);
        Assert.DoesNotContain(_key, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(_provider.Requests);
    }

    [Fact]
    public async Task A_repeated_model_in_the_query_gives_400()
    {
        using var response = await _edge.SendAsync(_key, HttpMethod.Get, "/v1/realtime?model=gpt-realtime&model=o3", null, ("X-Cencori-Provider", "openai"));

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Empty(_provider.Requests);
    }
}
