using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Memory;
using Microsoft.Playwright;

namespace Cencori.Edge.Tests.Browser;

/// <summary>The memory pages in a browser.</summary>
public sealed class MemoryTests(DashboardScene scene) : IClassFixture<DashboardScene>
{
    [ChromiumFact]
    [Trait(SlowestTests.Trait, "A browser opens a page, searches twice and deletes.")]
    public async Task Entries_are_found_with_similarity_and_deleted_with_and_without_scripts()
    {
        var project = await scene.Edge.CreateProjectAsync("openai");
        var slug = (string)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}"))["project"]!["slug"]!;
        var caller = new MemoryClient(scene.Edge, await scene.Edge.CreateKeyAsync(project, environment: "test"));
        await caller.CreateAsync("support", new { description = "What customers told us", dimensions = 256 });
        foreach (var runsScripts in (bool[])[true, false])
        {
            await caller.StoreAsync("support", "Anna prefers invoices by mail.", new { metadata = new { customer = "anna" } });
            await caller.StoreAsync("support", "Invoices of Bert go to his office.", new { metadata = new { customer = "bert" }, expiresAt = "2099-12-31T00:00:00Z" });
            await using var watched = await scene.SignInAsync(runsScripts: runsScripts);
            var page = watched.Page;
            await page.GotoAsync($"/dashboard/p/{slug}/memory?env=test");
            await page.GetByRole(AriaRole.Link, new() { Name = "support" }).ClickAsync();
            await page.GetByRole(AriaRole.Textbox, new() { Name = "Question" }).FillAsync("How does Anna want her invoices?");
            await page.GetByRole(AriaRole.Textbox, new() { Name = "Minimum similarity" }).FillAsync("0.1");
            await page.GetByRole(AriaRole.Button, new() { Name = "Search", Exact = true }).ClickAsync();
            await page.GetByRole(AriaRole.Region, new() { Name = "Results" }).GetByRole(AriaRole.Row).Nth(1).GetByText("Anna prefers").WaitForAsync();
            if (runsScripts)
            {
                await page.WaitForFunctionAsync("() => document.activeElement.id === 'found'");
                await watched.AssertGoodAsync();
                await watched.KeepPictureAsync("memory-found-1280");
                await watched.CheckAsync(360, ColorScheme.Dark);
                await watched.AssertGoodAsync();
                Assert.False(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth"));
                await watched.KeepPictureAsync("memory-found-360");
                await watched.CheckAsync(1280, ColorScheme.Light);
                page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
            }

            await page.GetByRole(AriaRole.Button, new() { Name = "Delete the entry Anna prefers" }).First.ClickAsync();
            await page.GetByText("The entry has been deleted.").WaitForAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Delete the entry Invoices of Bert" }).First.ClickAsync();
            await page.GetByText("No entries yet").WaitForAsync();
        }

        Assert.Equal(0, await caller.CountAsync("support"));
    }
}
