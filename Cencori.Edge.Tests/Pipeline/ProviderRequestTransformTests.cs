using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Pipeline;

public sealed class ProviderRequestTransformTests
{
    [Theory]
    [InlineData("Bearer", "Authorization", "Bearer ")]
    [InlineData("x-api-key", "x-api-key", "")]
    [InlineData("api-key", "api-key", "")]
    public async Task The_credential_is_sent_exactly_once_in_the_header_of_its_scheme(string scheme, string header, string prefix)
    {
        // yarp trap 7
        await using var provider = Responding();
        await using var edge = await StartAsync(provider, scheme);
        var key = await edge.CreateOpenAIKeyAsync();

        using var response = await edge.PostAsync(key, "/v1/chat/completions", ScriptedEdge.Chat, ("x-api-key", key), ("api-key", key));
        var received = await provider.NextRequestAsync();

        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal([prefix + RunningEdge.ProviderKey], received.Values(header));
        Assert.Single(received.Headers, sent => sent.Value.Contains(RunningEdge.ProviderKey, StringComparison.Ordinal));
        Assert.DoesNotContain(RunningEdge.ProviderKey, received.Target + received.BodyText, StringComparison.Ordinal);
        Assert.DoesNotContain(key, received.HeadText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/messages", "sk-ant-api03-for-tests-only", "x-api-key", "")]
    [InlineData("/api/v1/Messages/", "sk-ant-api03-for-tests-only", "x-api-key", "")]
    [InlineData("/v1/messages/count_tokens", "sk-ant-api03-for-tests-only", "x-api-key", "")]
    [InlineData("/v1/chat/completions", "sk-ant-api03-for-tests-only", "Authorization", "Bearer ")]
    [InlineData("/v1/Chat/Completions/", "sk-ant-api03-for-tests-only", "Authorization", "Bearer ")]
    [InlineData("/v1/messages", "sk-ant-oat01-for-tests-only", "Authorization", "Bearer ")]
    public async Task Anthropic_gets_its_credential_in_the_header_that_the_path_needs(string path, string secret, string header, string prefix)
    {
        await using var provider = Responding();
        await using var edge = await RunningEdge.StartAsync([RunningEdge.Destination("anthropic", provider.Address)]);
        var project = await edge.CreateProjectAsync();
        await edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider = "anthropic", apiKey = secret, environment = "production" });
        var key = await edge.CreateKeyAsync(project);

        using var response = await edge.PostAsync(null, path, """{"model":"claude-haiku-4-5","max_tokens":9,"messages":[{"role":"user","content":"Hello!"}]}""", ("x-api-key", key));
        var received = await provider.NextRequestAsync();

        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal([prefix + secret], received.Values(header));
        Assert.Single(received.Headers, sent => sent.Name.ToLowerInvariant() is "authorization" or "x-api-key" or "api-key");
        Assert.DoesNotContain(key, received.HeadText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_without_a_credential_scheme_gets_no_credential_even_if_one_is_stored()
    {
        await using var provider = Responding();
        await using var edge = await StartAsync(provider, "None");
        var key = await edge.CreateOpenAIKeyAsync();

        using var response = await edge.PostAsync(key, "/v1/chat/completions", ScriptedEdge.Chat);
        var received = await provider.NextRequestAsync();

        Assert.True(response.IsSuccessStatusCode);
        Assert.Empty(received.Values("Authorization"));
        Assert.DoesNotContain(RunningEdge.ProviderKey, received.HeadText, StringComparison.Ordinal);
        Assert.DoesNotContain(key, received.HeadText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Authorization", "bearer {0}")]
    [InlineData("CENCORI_API_KEY", "{0}")]
    public async Task The_project_key_of_any_header_never_reaches_the_provider(string header, string format)
    {
        // field trap 16
        await using var provider = Responding();
        await using var edge = await StartAsync(provider, "Bearer");
        var key = await edge.CreateOpenAIKeyAsync();

        using var response = await edge.PostAsync(null, "/v1/chat/completions", ScriptedEdge.Chat, (header, string.Format(System.Globalization.CultureInfo.InvariantCulture, format, key)));
        var received = await provider.NextRequestAsync();

        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal(["Bearer " + RunningEdge.ProviderKey], received.Values("Authorization"));
        Assert.DoesNotContain(key, received.HeadText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_key_without_a_test_credential_uses_the_sandbox_and_no_provider()
    {
        await using var provider = Responding();
        await using var edge = await StartAsync(provider, "Bearer");
        var project = await edge.CreateProjectAsync("openai");
        var key = await edge.CreateKeyAsync(project, environment: "test");

        using var response = await edge.PostAsync(key, "/v1/chat/completions", ScriptedEdge.Chat);

        Assert.Contains("Hello!", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(provider.Requests);
    }

    [Fact]
    public async Task A_test_key_uses_the_test_credential_and_a_production_key_the_production_one()
    {
        await using var provider = Responding();
        await using var edge = await StartAsync(provider, "Bearer");
        var project = await edge.CreateProjectAsync("openai");
        await edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/provider-keys", new { provider = "openai", apiKey = "sk-for-tests-only-0123", environment = "test" });

        using var tested = await edge.PostAsync(await edge.CreateKeyAsync(project, environment: "test"), "/v1/chat/completions", ScriptedEdge.Chat);
        using var produced = await edge.PostAsync(await edge.CreateKeyAsync(project), "/v1/chat/completions", ScriptedEdge.Chat);

        Assert.Equal(["Bearer sk-for-tests-only-0123"], (await provider.NextRequestAsync()).Values("Authorization"));
        Assert.Equal(["Bearer " + RunningEdge.ProviderKey], (await provider.NextRequestAsync()).Values("Authorization"));
    }

    private static ScriptedProvider Responding()
    {
        var provider = new ScriptedProvider();
        provider.Respond((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1)));
        return provider;
    }

    private static Task<RunningEdge> StartAsync(ScriptedProvider provider, string scheme) =>
        RunningEdge.StartAsync(provider, $"ReverseProxy:Clusters:openai:Metadata:Credential={scheme}");
}
