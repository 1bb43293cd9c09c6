using System.Text;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;

namespace Cencori.Edge.Tests.Pipeline;

/// <summary>Requests in the form of Azure's clients: the model in the path, <c>api-version</c> in the query.</summary>
public sealed class AzurePathsTests(AzurePathsTests.WithAzure scene) : IClassFixture<AzurePathsTests.WithAzure>
{
    private const string Form = "multipart/form-data; boundary=b";
    private const string Unnamed = "--b\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\nx\r\n--b--\r\n";
    private const string Named = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n";

    private static readonly string[] OneModel = ["gpt-4o"];

    [Theory]
    [InlineData("/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", """{"messages":[]}""", "/v1/chat/completions", """{"model":"gpt-4o","messages":[]}""")]
    [InlineData("/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", """{"model":"gpt-4o","messages":[]}""", "/v1/chat/completions", """{"model":"gpt-4o","messages":[]}""")]
    [InlineData("/openai/deployments/gpt-4o/chat/completions", """{"model":null,"messages":[]}""", "/v1/chat/completions", """{"model":"gpt-4o","messages":[]}""")]
    [InlineData("/openai/deployments/openai%2Fgpt-4o/chat/completions?api-version=x", """{"messages":[]}""", "/v1/chat/completions", """{"model":"gpt-4o","messages":[]}""")]
    [InlineData("/openai/deployments/fast/chat/completions?api-version=x", """{"messages":[]}""", "/v1/chat/completions", """{"model":"gpt-4o-mini","messages":[]}""")]
    [InlineData("/openai/deployments/text-embedding-3-small/embeddings?api-version=x&a=%20b", """{"input":"x"}""", "/v1/embeddings?a=%20b", """{"model":"text-embedding-3-small","input":"x"}""")]
    [InlineData("/openai/deployments/gpt-3.5-turbo-instruct/completions?API-Version=x", "{}", "/v1/completions", """{"model":"gpt-3.5-turbo-instruct"}""")]
    [InlineData("/openai/deployments/dall-e-3/images/generations?api-version=x", """{"prompt":"x"}""", "/v1/images/generations", """{"model":"dall-e-3","prompt":"x"}""")]
    [InlineData("/openai/deployments/tts-1/audio/speech?api-version=x", """{"input":"x"}""", "/v1/audio/speech", """{"model":"tts-1","input":"x"}""")]
    [InlineData("/v1/openai/deployments/gpt-4o/chat/completions?api-version=x", """{"messages":[]}""", "/v1/chat/completions", """{"model":"gpt-4o","messages":[]}""")]
    [InlineData("/openai/v1/chat/completions?api-version=preview", """{"model":"gpt-4o","messages":[]}""", "/v1/chat/completions", """{"model":"gpt-4o","messages":[]}""")]
    [InlineData("/openai/deployments/gpt-4o/chat/completions", """{"model":"<ignored>","messages":[]}""", "/v1/chat/completions", """{"model":"gpt-4o","messages":[]}""")]
    [InlineData("/openai/deployments/gpt-4o/chat/completions", """{"model":"gpt-4.1","messages":[],"model":"o1"}""", "/v1/chat/completions", """{"model":"gpt-4o","messages":[],"model":"gpt-4o"}""")]
    [InlineData("/openai/v1/responses", """{"model":"gpt-4o","input":"x"}""", "/v1/responses", """{"model":"gpt-4o","input":"x"}""")]
    public async Task The_provider_gets_its_own_path_and_the_model_in_the_body(string target, string body, string sentTo, string sent)
    {
        using var response = await scene.Edge.PostAsync(null, target, body, ("api-key", scene.Key));

        Assert.Equal(200, (int)response.StatusCode);
        var received = scene.Provider.Requests[^1];
        Assert.Equal((sentTo, sent), (received.Target, received.BodyText));
        Assert.Empty(received.Values("api-key"));
    }

    [Theory]
    [InlineData(Unnamed)]
    [InlineData("--b--\r\n")]
    [InlineData(Named + Unnamed)]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nother\r\n--b--\r\n")]
    public async Task A_form_gets_the_model_of_the_path(string form)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(form));
        content.Headers.TryAddWithoutValidation("Content-Type", Form);
        using var response = await scene.Edge.SendAsync(scene.Key, HttpMethod.Post, "/openai/deployments/whisper-1/audio/transcriptions?api-version=x", content);

        Assert.Equal(200, (int)response.StatusCode);
        var received = scene.Provider.Requests[^1];
        var isNamed = form.Contains("name=\"model\"", StringComparison.Ordinal);
        Assert.Equal(("/v1/audio/transcriptions", isNamed ? form.Replace("other", "whisper-1", StringComparison.Ordinal) : Named + form), (received.Target, received.BodyText));
    }

    [Theory]
    [InlineData("/openai/deployments/gpt-4o/chat/completions?model=gpt-4o", "application/json", """{"messages":[]}""", 400)]
    [InlineData("/openai/deployments/gpt-4o/images/generations", "text/plain", "{}", 415)]
    [InlineData("/openai/deployments/gpt-4o/chat/completions", "text/plain", "{}", 415)]
    [InlineData("/openai/deployments/no%0D%0Asuch/audio/transcriptions", Form, Unnamed, 400)]
    [InlineData("/openai/deployments/no-such-model/chat/completions", "application/json", """{"messages":[]}""", 404)]
    [InlineData("/openai/deployments//chat/completions", "application/json", """{"model":"gpt-4o","messages":[]}""", 404)]
    public async Task An_invalid_Azure_request_reaches_no_provider(string target, string type, string body, int status)
    {
        var before = scene.Provider.Requests.Count;
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var response = await scene.Edge.SendAsync(scene.Key, HttpMethod.Post, target, content);

        Assert.Equal(status, (await response.ErrorAsync()).Status);
        Assert.Equal(before, scene.Provider.Requests.Count);
    }

    [Theory]
    [InlineData("gpt-4o", 200)]
    [InlineData("gpt-4.1", 403)]
    public async Task A_key_limited_to_some_models_may_use_only_their_deployments(string deployment, int status)
    {
        var key = await scene.Edge.CreateKeyAsync(scene.ProjectId, more: new { allowed_models = OneModel });
        using var response = await scene.Edge.PostAsync(key, $"/openai/deployments/{deployment}/chat/completions?api-version=x", """{"messages":[]}""");

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("openai/v1", "?api-version=preview", "?api-version=preview")]
    [InlineData("openai/v1", "?beta&api-version=2024-10-21&x=%26", "?beta&x=%26")]
    [InlineData("openai/v1", "?Api%2DVersion=2024-10-21", "")]
    [InlineData("openai/deployments/mine", "?api-version=2024-10-21", "?api-version=2024-10-21")]
    public async Task Azure_gets_only_an_api_version_that_it_accepts(string at, string query, string sent)
    {
        await scene.Edge.StoreProviderKeyAsync(scene.ProjectId, "azure-openai", baseUrl: new Uri(scene.Provider.Address, at).ToString());
        using var response = await scene.Edge.PostAsync(scene.Key, $"/openai/deployments/azure-openai%2Fmine/chat/completions{query}", """{"messages":[]}""");

        Assert.Equal(200, (int)response.StatusCode);
        var received = scene.Provider.Requests[^1];
        Assert.Equal(($"/{at}/chat/completions{sent}", """{"model":"mine","messages":[]}"""), (received.Target, received.BodyText));
        Assert.Equal([RunningEdge.ProviderKey], received.Values("api-key"));
    }

    public sealed class WithAzure : RespondingEdge
    {
        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            await Edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{ProjectId}", new { model_aliases = new { fast = "openai/gpt-4o-mini" } });
        }
    }
}
