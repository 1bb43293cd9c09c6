using Cencori.Edge.Tests.Infrastructure;
using Microsoft.Playwright;

namespace Cencori.Edge.Tests.Browser;

[Collection(nameof(DashboardScene))]
public sealed class ProvidersAgentsPromptsStatusTests(DashboardScene scene)
{
    private const string Hostile = "\"><img src=x onerror=alert(1)>\u202e";

    [ChromiumFact]
    [Trait(SlowestTests.Trait, "A browser opens ten pages, and one of them renews itself every 3 s.")]
    public async Task A_tool_call_appears_by_itself_and_is_approved_and_every_page_is_good_in_both_themes()
    {
        var project = await scene.Edge.CreateProjectAsync("openai");
        var slug = (string)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}"))["project"]!["slug"]!;
        var agent = await scene.Edge.CreateAgentAsync(project, new { model = "gpt-4o", system_prompt = Hostile, tools = new[] { "refund" } }, isShadow: true);
        var key = await scene.Edge.CreateKeyAsync(project, "agent", more: new { agent_id = agent });
        await using var watched = await scene.SignInAsync();
        var page = watched.Page;
        await page.GotoAsync($"/dashboard/p/{slug}/agents/{agent}");
        await page.GetByText("Nothing waits.").WaitForAsync();

        await AskAsync(key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve refund" }).WaitForAsync();
        await watched.AssertGoodAsync();
        await watched.KeepPictureAsync("agent");
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve refund" }).ClickAsync();
        await page.GetByText("The tool call has been approved.").WaitForAsync();

        var prompt = await PromptAsync(project);
        string[] pages =
        [
            "providers", "providers/credential?provider=openai&environment=production", "providers/delete?provider=openai&environment=production", "providers/test?provider=openai&environment=production",
            "agents", "agents/new", $"agents/{agent}", $"agents/{agent}/delete", "prompts", "prompts/new", $"prompts/{prompt}", $"prompts/{prompt}/delete",
        ];
        foreach (var (width, isDark) in new[] { (1280, false), (1280, true), (360, false), (360, true) })
        {
            await using var looked = await scene.SignInAsync(width: width, isDark: isDark);
            foreach (var path in pages.Select(path => $"/dashboard/p/{slug}/{path}").Append("/dashboard/status"))
            {
                await looked.Page.GotoAsync(path);
                await looked.KeepPictureAsync($"{path.Split('?')[0].Replace(slug, "p", StringComparison.Ordinal).Replace(agent, "one", StringComparison.Ordinal).Replace(prompt, "one", StringComparison.Ordinal).Trim('/').Replace('/', '-')}-{width}-{(isDark ? "dark" : "light")}");
                await looked.AssertGoodAsync();
                Assert.False(await looked.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth"), $"{path} is wider than {width} px");
            }
        }

        await page.GotoAsync($"/dashboard/p/{slug}/providers");
        await page.GetByRole(AriaRole.Button, new() { Name = "Test openai (Production)" }).ClickAsync();
        await page.GetByText("The credential works.").WaitForAsync();
        await watched.AssertGoodAsync();
        await watched.KeepPictureAsync("provider-test");
    }

    private async Task AskAsync(string key)
    {
        scene.Provider.Enqueue((_, response) => response.JsonAsync(200, """
            {"id":"c1","object":"chat.completion","created":1,"model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[
            {"id":"call_1","type":"function","function":{"name":"refund","arguments":"{\"order\":\"A-1042\",\"amount\":25}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}
            """));
        using var answer = await scene.ChatAsync(key);
        Assert.True(answer.IsSuccessStatusCode);
    }

    private async Task<string> PromptAsync(string project)
    {
        var id = (string)(await scene.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/prompts", new { name = "guide", content = "You help {{name}}.\nBe kind.\nEnd.", description = Hostile }))["prompt"]!["id"]!;
        await scene.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/prompts/{id}/versions", new { content = $"You help {{{{name}}}}.\nBe brief.\n{Hostile}\nEnd.", change_message = "Shorter" });
        return id;
    }
}
