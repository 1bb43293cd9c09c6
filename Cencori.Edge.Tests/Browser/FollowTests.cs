using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Records;
using Microsoft.Playwright;

namespace Cencori.Edge.Tests.Browser;

/// <summary>New requests appear while a user watches, and rows do not move while the user reads.</summary>
public sealed class FollowTests(DashboardScene scene) : IClassFixture<DashboardScene>
{
    [ChromiumFact]
    [Trait(SlowestTests.Trait, "The page polls every two seconds.")]
    public async Task New_requests_appear_on_top_and_wait_while_the_user_reads()
    {
        var project = (await scene.CreateAsync(new { })).ProjectId;
        scene.Edge.Records().Write(Some.Record(project, at: Some.Now.AddMinutes(-1), id: "first"));
        await scene.Edge.StoredAsync();
        await using var watched = await scene.SignInAsync();
        var page = watched.Page;
        await page.GotoAsync($"/dashboard/p/{project}/logs?model=fast");
        await watched.ShortcutsAsync();
        await page.Keyboard.PressAsync(".");
        await page.WaitForURLAsync("**follow=true");
        await page.GetByText("Following. Last updated").WaitForAsync();
        await watched.AssertGoodAsync();

        scene.Edge.Records().Write(Some.Record(project, id: "second"));
        var other = Some.Record(project, id: "filtered-away");
        other.ModelAsked = "other";
        scene.Edge.Records().Write(other);
        var rows = page.Locator("[data-log-rows] tbody tr");
        await rows.Nth(1).WaitForAsync();
        Assert.Contains("/logs/second?", await rows.First.Locator("a").GetAttributeAsync("href"));

        // A row with the focus must stay in place.
        await rows.First.Locator("a").FocusAsync();
        scene.Edge.Records().Write(Some.Record(project, id: "third"));
        await page.GetByRole(AriaRole.Button, new() { Name = "1 new request" }).WaitForAsync();
        Assert.Equal(2, await rows.CountAsync());
        await watched.AssertGoodAsync();
        await watched.KeepPictureAsync("logs-follow");
        await page.GetByRole(AriaRole.Button, new() { Name = "1 new request" }).ClickAsync();
        Assert.Equal(3, await rows.CountAsync());
        Assert.Contains("/logs/third?", await rows.First.Locator("a").GetAttributeAsync("href"));

        await watched.ShortcutsAsync();
        await page.Keyboard.PressAsync(".");
        await page.Locator("[data-follow-state]", new() { HasText = "Paused since" }).WaitForAsync();
        Assert.Equal(["third", "second", "first"], await rows.Locator("th a").EvaluateAllAsync<string[]>("links => links.map(link => new URL(link.href).pathname.split('/').pop())"));

        // Keyboard shortcuts of the detail page.
        await page.GotoAsync($"/dashboard/p/{project}/logs?model=fast");
        await rows.First.Locator("a").ClickAsync();
        await page.WaitForURLAsync("**/logs/third?**");
        await watched.AssertGoodAsync();
        await watched.KeepPictureAsync("request");
        await watched.ShortcutsAsync();
        await page.Keyboard.PressAsync("j");
        await page.WaitForURLAsync("**/logs/second?**");
        await watched.ShortcutsAsync();
        await page.Keyboard.PressAsync("k");
        await page.WaitForURLAsync("**/logs/third?**");
        watched.AssertNoFaults();
    }
}
