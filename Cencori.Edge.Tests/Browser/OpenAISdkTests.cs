using System.Text.Json;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Wire;

namespace Cencori.Edge.Tests.Browser;

/// <summary>The official JavaScript client in a web page, with only base URL, key and permission to run in a browser changed.</summary>
[Collection(nameof(PageScene))]
public sealed class OpenAISdkTests(PageScene scene)
{
    private const string Script = """
        async ({ baseURL, apiKey, limitedKey }) => {
            const { default: OpenAI } = await import('/modules/openai/index.mjs');
            const client = (apiKey) => new OpenAI({ apiKey, baseURL, maxRetries: 0, dangerouslyAllowBrowser: true });
            const chat = { model: 'sandbox/echo', messages: [{ role: 'user', content: 'one two three' }] };
            const raised = (call) => call.then(() => null, (error) => [error.constructor.name, error.status, error.code, error.error?.reason ?? null, typeof error.requestID, error.headers?.get('x-should-retry')]);
            const openai = client(apiKey);
            const refused = await raised(openai.chat.completions.create(chat));
            if (refused) return JSON.stringify({ refused });

            const { data, response } = await openai.chat.completions.create(chat).withResponse();
            let streamed = '';
            for await (const chunk of await openai.chat.completions.create({ ...chat, stream: true })) streamed += chunk.choices[0].delta.content ?? '';
            let responded = '';
            for await (const event of await openai.responses.create({ model: 'sandbox/echo', input: 'one two three', stream: true })) responded += event.type === 'response.output_text.delta' ? event.delta : '';
            const embedding = (await openai.embeddings.create({ model: 'text-embedding-3-small', input: 'a', dimensions: 8 })).data[0].embedding.length;
            const model = (await openai.models.retrieve('sandbox/echo')).id;
            const limited = client(limitedKey);
            await limited.chat.completions.create(chat);
            return JSON.stringify({
                whole: data.choices[0].message.content, left: response.headers.get('x-ratelimit-remaining-requests'), id: data._request_id.slice(0, 4), streamed, responded, embedding, model,
                unknown: await raised(client('cpk_' + '0'.repeat(48)).chat.completions.create(chat)),
                files: await raised(openai.files.list()),
                often: await raised(limited.chat.completions.create(chat)),
            });
        }
        """;

    [ChromiumFact(NodeScript.Directory, "openai")]
    public async Task The_client_chats_streams_and_raises_its_own_errors()
    {
        var limited = await scene.CreateAsync(new { requests_per_minute = 1 });
        var said = await RunAsync("app.example.com", await scene.CreatePageKeyAsync(scene.ProjectId, "test"), await scene.CreatePageKeyAsync(limited.ProjectId, "test"));

        Assert.Equal(("one two three", "one two three", "one two three"), (Text(said, "whole"), Text(said, "streamed"), Text(said, "responded")));
        Assert.Equal(("req_", "sandbox/echo", 8), (Text(said, "id"), Text(said, "model"), said.GetProperty("embedding").GetInt32()));
        Assert.Matches("^[0-9]+$", Text(said, "left"));
        Assert.Equal("""["AuthenticationError",401,"INVALID_API_KEY",null,"string","false"]""", said.GetProperty("unknown").GetRawText());
        Assert.Equal("""["PermissionDeniedError",403,"INSUFFICIENT_PERMISSIONS","key_type","string","false"]""", said.GetProperty("files").GetRawText());
        Assert.Equal("""["RateLimitError",429,"RATE_LIMIT_EXCEEDED",null,"string",null]""", said.GetProperty("often").GetRawText());
    }

    [ChromiumFact(NodeScript.Directory, "openai")]
    public async Task On_a_page_that_is_not_listed_the_client_raises_the_reason()
    {
        var said = await RunAsync("app.example.com.evil.net", await scene.CreatePageKeyAsync(scene.ProjectId, "test"), "");
        Assert.Equal("""["PermissionDeniedError",403,"INSUFFICIENT_PERMISSIONS","origin_not_allowed","string","false"]""", said.GetProperty("refused").GetRawText());
    }

    private static string? Text(JsonElement said, string name) => said.GetProperty(name).GetString();

    private async Task<JsonElement> RunAsync(string host, string apiKey, string limitedKey)
    {
        var page = await scene.OpenAsync(host);
        var said = await page.EvaluateAsync<string>(Script, new { baseURL = scene.EdgeUrl + "/v1", apiKey, limitedKey });
        await page.Context.CloseAsync();
        return JsonDocument.Parse(said).RootElement;
    }
}
