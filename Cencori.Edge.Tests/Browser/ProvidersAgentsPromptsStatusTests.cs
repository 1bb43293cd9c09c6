using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Microsoft.Playwright;

namespace Cencori.Edge.Tests.Browser;

public sealed class ProvidersAgentsPromptsStatusTests(DashboardScene scene) : IClassFixture<DashboardScene>
{
    private const string Hostile = "\"><img src=x onerror=alert(1)>\u202e";

    [ChromiumFact]
    [Trait(SlowestTests.Trait, "A browser opens six pages in both themes, and one of them refreshes itself every 3 s.")]
    public async Task A_tool_call_appears_automatically_and_is_approved_and_pages_work_in_both_themes()
    {
        var project = await scene.Edge.CreateProjectAsync("openai");
        var slug = (string)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}"))["project"]!["slug"]!;
        var agent = await scene.Edge.CreateAgentAsync(project, new { model = "gpt-4o", system_prompt = Hostile, tools = new[] { "refund" } }, isShadow: true);
        var key = await scene.Edge.CreateKeyAsync(project, "agent", more: new { agent_id = agent });
        await using var watched = await scene.SignInAsync();
        var page = watched.Page;
        await page.GotoAsync($"/dashboard/p/{slug}/agents/{agent}");
        await page.GetByText("No tool call waits for a decision.").WaitForAsync();

        await SendAsync(key);
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve refund" }).WaitForAsync();
        await watched.AssertGoodAsync();
        await watched.KeepPictureAsync("agent-action");
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve refund" }).ClickAsync();
        await page.GetByText("The tool call has been approved.").WaitForAsync();

        var prompt = await PromptAsync(project);
        var faults = new List<string>();
        foreach (var (name, path) in new[] { ("providers", $"/dashboard/p/{slug}/providers"), ("agent", $"/dashboard/p/{slug}/agents/{agent}"), ("prompt", $"/dashboard/p/{slug}/prompts/{prompt}"), ("status", "/dashboard/status") })
        {
            await page.GotoAsync(path);
            await watched.KeepPictureAsync($"{name}-hostile-1280");
            await watched.CheckAsync(360, ColorScheme.Dark);
            await watched.KeepPictureAsync($"{name}-hostile-360");
            faults.AddRange(await Record.ExceptionAsync(watched.AssertGoodAsync) is { } fault ? [fault.Message] : Array.Empty<string>());
            var isWide = await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth");
            faults.AddRange(isWide ? [$"{path} is wider than 360 px"] : Array.Empty<string>());
            await watched.CheckAsync(1280, ColorScheme.Light);
        }

        Assert.Empty(faults);
        await page.GotoAsync($"/dashboard/p/{slug}/providers");
        await page.GetByRole(AriaRole.Button, new() { Name = "Test openai (Production)" }).ClickAsync();
        await page.GetByText("The credential works.").WaitForAsync();
        await watched.AssertGoodAsync();
        await watched.KeepPictureAsync("provider-test");
    }

    private async Task SendAsync(string key)
    {
        scene.Provider.Enqueue((_, response) => response.JsonAsync(200, """
            {"id":"c1","object":"chat.completion","created":1,"model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[
            {"id":"call_1","type":"function","function":{"name":"refund","arguments":"{\"order\":\"A-1042\",\"amount\":25}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}
            """));
        using var edgeResponse = await scene.ChatAsync(key);
        Assert.True(edgeResponse.IsSuccessStatusCode);
    }

    private async Task<string> PromptAsync(string project)
    {
        var id = (string)(await scene.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/prompts", new { name = "guide", content = "You help {{name}}.\nBe kind.\nEnd.", description = Hostile }))["prompt"]!["id"]!;
        await scene.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/prompts/{id}/versions", new { content = $"You help {{{{name}}}}.\nBe brief.\n{Hostile}\nEnd.", change_message = "Shorter" });
        return id;
    }
}
