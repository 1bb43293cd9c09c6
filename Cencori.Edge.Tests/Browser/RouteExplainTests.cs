using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Microsoft.Playwright;

namespace Cencori.Edge.Tests.Browser;

/// <summary>The page that explains a route, in a browser.</summary>
public sealed class RouteExplainTests(DashboardScene scene) : IClassFixture<DashboardScene>
{
    [ChromiumFact]
    [Trait(SlowestTests.Trait, "A browser opens a page and sends two forms.")]
    public async Task A_request_is_edited_and_its_targets_are_explained_with_and_without_scripts()
    {
        var project = await scene.Edge.CreateProjectAsync("openai");
        var slug = (string)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}"))["project"]!["slug"]!;
        await scene.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/routes/team/chat", """{"groups":[{"targets":[{"model":"openai/gpt-4o"}]},{"targets":[{"model":"groq/x"}]}]}""");
        foreach (var runsScripts in (bool[])[true, false])
        {
            await using var watched = await scene.SignInAsync(runsScripts: runsScripts);
            var page = watched.Page;
            await page.GotoAsync($"/dashboard/p/{slug}/routes/show/team/chat");
            await page.GetByRole(AriaRole.Link, new() { Name = "Explain" }).ClickAsync();
            await page.GetByRole(AriaRole.Textbox, new() { Name = "Request", Exact = true }).FillAsync("{");
            watched.Expected.Add("400");
            await page.GetByRole(AriaRole.Button, new() { Name = "Explain" }).ClickAsync();
            await page.GetByRole(AriaRole.Alert).GetByText("The body must be JSON. Error in line 1.").WaitForAsync();
            Assert.Equal("{", await page.GetByRole(AriaRole.Textbox, new() { Name = "Request", Exact = true }).InputValueAsync());

            await page.GetByRole(AriaRole.Textbox, new() { Name = "Request", Exact = true }).FillAsync("""{"model":"team/chat","messages":[{"role":"user","content":"Hi"}]}""");
            await page.GetByRole(AriaRole.Button, new() { Name = "Explain" }).ClickAsync();
            await page.GetByRole(AriaRole.Row, new() { Name = "groq/x" }).GetByText("no credential").WaitForAsync();
            await page.GetByRole(AriaRole.Row, new() { Name = "openai/gpt-4o" }).GetByText("100.0 %").WaitForAsync();
            if (runsScripts)
            {
                await page.WaitForFunctionAsync("() => document.activeElement.id === 'told'");
                await watched.AssertGoodAsync();
                await watched.CheckAsync(360, ColorScheme.Dark);
                await watched.AssertGoodAsync();
                Assert.False(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth"));
                await watched.KeepPictureAsync("route-explain-360");
            }
        }
    }
}
