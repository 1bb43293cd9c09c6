using System.Text.Json;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Keys;

/// <summary>Writes code samples that run without changes: they contain the data plane's URL and a model that the project can use now.</summary>
internal sealed class SnippetBuilder(PublicAddress address, ProjectEditor projects, ProviderKeyEditor credentials, ProviderCatalog catalog)
{
    /// <summary>The model in samples when the project has no better choice. It is widely known, and the sandbox serves every model.</summary>
    public const string DefaultModel = "gpt-4o";

    /// <param name="page">The request for the page.</param>
    /// <param name="key">The key for the samples.</param>
    /// <param name="secret">The full key or a placeholder.</param>
    public async Task<Snippets> MakeAsync(PageRequest page, ApiKeyView key, string secret)
    {
        var stored = (await credentials.ListAsync(page.Project.Id)).Where(one => one.Environment == key.Environment && one.Enabled).ToList();
        var model = await ModelOfAsync(page.Project.Id, key, stored);
        var baseUrl = address.Of(page.Context.Request) + "/v1";
        var problem = stored.Count == 0 && key.Environment == KeyEnvironment.Production
            ? "This project has no provider credential for production yet. Until it has one, requests with this key are refused."
            : null;
        return new(
            baseUrl,
            key.KeyType == KeyType.Publishable ? OfPages(baseUrl, secret, model, key.AllowedDomains)
                : [.. OfServers(baseUrl, secret, model), .. CodingSnippets.Of(key, stored, baseUrl[..^"/v1".Length], secret, model, catalog.Models)],
            problem);
    }

    private async Task<string> ModelOfAsync(string projectId, ApiKeyView key, List<ProviderKeyView> stored)
    {
        if (key.AllowedModels?.Find(model => !model.EndsWith('*')) is { } allowed)
        {
            return allowed;
        }

        if ((await projects.GetAsync(projectId)).Value.DefaultModel is { } preferred)
        {
            return preferred;
        }

        var served = catalog.Models.Listed.Where(listed => stored.Exists(one => one.Provider == listed.Provider.Id)).Select(listed => listed.Model).ToList();
        return stored.Count == 0 || served.Count == 0 || served.Contains(DefaultModel) ? DefaultModel : served[0];
    }

    private static Snippet[] OfServers(string baseUrl, string key, string model)
    {
        // The name is written with JSON's string escapes, which all languages of the samples understand. No such escape can end a quoted text in a shell.
        var name = JsonSerializer.Serialize(model);
        return
        [
            new("curl", $$"""
                curl {{baseUrl}}/chat/completions \
                  -H "Authorization: Bearer {{key}}" \
                  -H "Content-Type: application/json" \
                  -d '{"model":{{name}},"messages":[{"role":"user","content":"Hello!"}]}'
                """),
            new(".NET", $$"""
                // dotnet add package OpenAI
                using System.ClientModel;
                using OpenAI;

                var client = new OpenAIClient(new ApiKeyCredential("{{key}}"), new() { Endpoint = new Uri("{{baseUrl}}") });
                var answer = await client.GetChatClient({{name}}).CompleteChatAsync("Hello!");
                Console.WriteLine(answer.Value.Content[0].Text);
                """),
            new("Python", $$"""
                # pip install openai
                from openai import OpenAI

                client = OpenAI(base_url="{{baseUrl}}", api_key="{{key}}")
                answer = client.chat.completions.create(model={{name}}, messages=[{"role": "user", "content": "Hello!"}])
                print(answer.choices[0].message.content)
                """),
            new("JavaScript", $$"""
                // npm install openai
                import OpenAI from "openai";

                const client = new OpenAI({ baseURL: "{{baseUrl}}", apiKey: "{{key}}" });
                const answer = await client.chat.completions.create({ model: {{name}}, messages: [{ role: "user", content: "Hello!" }] });
                console.log(answer.choices[0].message.content);
                """),
        ];
    }

    // Publishable keys work only from web pages, because requests must have an Origin.
    private static Snippet[] OfPages(string baseUrl, string key, string model, List<string> domains)
    {
        var name = JsonSerializer.Serialize(model);
        var domain = domains[0].StartsWith("*.", StringComparison.Ordinal) ? "www" + domains[0][1..] : domains[0];
        return
        [
            new("JavaScript", $$"""
                // In a page of {{domain}}
                import OpenAI from "openai";

                const client = new OpenAI({ baseURL: "{{baseUrl}}", apiKey: "{{key}}", dangerouslyAllowBrowser: true });
                const answer = await client.chat.completions.create({ model: {{name}}, messages: [{ role: "user", content: "Hello!" }] });
                console.log(answer.choices[0].message.content);
                """),
            new("curl", $$"""
                curl {{baseUrl}}/chat/completions -H "Origin: https://{{domain}}" \
                  -H "Authorization: Bearer {{key}}" \
                  -H "Content-Type: application/json" \
                  -d '{"model":{{name}},"messages":[{"role":"user","content":"Hello!"}]}'
                """),
        ];
    }
}
