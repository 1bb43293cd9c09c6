using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Records;
using Microsoft.Playwright;

namespace Cencori.Edge.Tests.Browser;

/// <summary>The charts of the usage page in a browser.</summary>
public sealed class ChartTests(DashboardScene scene) : IClassFixture<DashboardScene>
{
    private static readonly string[] Models = ["gpt-4o", "gpt-4o-mini", "claude-opus-4-1", "gemini-2.5-pro", "\"><img src=x onerror=alert(1)>", "m1", "m2"];

    [ChromiumFact]
    [Trait(SlowestTests.Trait, "A browser draws and redraws charts.")]
    public async Task Charts_work_in_both_themes_zoom_by_dragging_and_respect_the_content_security_policy()
    {
        var slug = await FillAsync();
        await using var watched = await scene.SignInAsync();
        var page = watched.Page;
        await page.GotoAsync($"/dashboard/p/{slug}/usage");
        await page.Locator("[data-drawn=true]").WaitForAsync();
        Assert.Equal(6, await page.Locator("[data-chart] canvas").CountAsync());
        await watched.AssertGoodAsync();
        await watched.KeepPictureAsync("usage-light");

        // After a theme change the same canvas has other colours.
        var light = await PixelsAsync(page);
        await page.Locator("details.menu summary").First.ClickAsync();
        await page.GetByRole(AriaRole.Radio, new() { Name = "dark" }).CheckAsync();
        await page.Keyboard.PressAsync("Escape");
        await Eventually.IsTrueAsync(async () => await PixelsAsync(page) != light);
        await watched.AssertGoodAsync();
        await watched.KeepPictureAsync("usage-dark");

        // The legend's button hides and shows a series.
        var button = page.Locator("[data-legend=requests] button").First;
        await button.ClickAsync();
        Assert.Equal("false", await button.GetAttributeAsync("aria-pressed"));
        await button.ClickAsync();
        Assert.Equal("true", await button.GetAttributeAsync("aria-pressed"));

        // All charts share one cursor, and the tooltip is drawn on the canvas, not as HTML.
        var box = (await page.Locator("#requests-chart").BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + (box.Width * 0.5f), box.Y + (box.Height * 0.5f));
        watched.AssertNoFaults();

        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + (box.Width * 0.7f), box.Y + (box.Height * 0.5f), new() { Steps = 4 });
        await page.Mouse.UpAsync();
        await page.WaitForURLAsync("**/usage?from=*&to=*");
        await page.Locator("[data-drawn=true]").WaitForAsync();
        Assert.DoesNotContain("ignored", await page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
        watched.AssertNoFaults();
    }

    [ChromiumFact]
    [Trait(SlowestTests.Trait, "A browser opens pages with charts, wide and narrow.")]
    public async Task Budget_price_and_limit_pages_work_on_narrow_and_wide_screens()
    {
        var slug = await FillAsync();
        await using var watched = await scene.SignInAsync();
        foreach (var name in (string[])["usage", "limits", "budget", "prices"])
        {
            await watched.CheckAsync(1280, ColorScheme.Light);
            await watched.Page.GotoAsync($"/dashboard/p/{slug}/{name}");
            if (name == "usage")
            {
                await watched.Page.Locator("[data-drawn=true]").WaitForAsync();
            }

            await watched.AssertGoodAsync();
            await watched.KeepPictureAsync($"{name}-much-1280");
            await watched.CheckAsync(360, ColorScheme.Dark);
            await watched.Page.WaitForFunctionAsync("() => document.documentElement.scrollWidth <= innerWidth");
            await watched.AssertContrastAsync();
            await watched.KeepPictureAsync($"{name}-much-360");
        }
    }

    [ChromiumFact]
    [Trait(SlowestTests.Trait, "A browser opens a page with charts.")]
    public async Task Without_scripts_the_server_draws_the_charts()
    {
        var slug = await FillAsync();
        await using var watched = await scene.SignInAsync(runsScripts: false);
        await watched.Page.GotoAsync($"/dashboard/p/{slug}/usage?range=7d");

        Assert.Equal(6, await watched.Page.Locator("[data-chart] svg").CountAsync());
        Assert.Equal(0, await watched.Page.Locator("canvas").CountAsync());
        await watched.KeepPictureAsync("usage-no-scripts");
    }

    private static Task<string> PixelsAsync(IPage page) => page.EvaluateAsync<string>("document.querySelector('#requests-chart canvas').toDataURL()");

    private async Task<string> FillAsync()
    {
        var project = await scene.Edge.CreateProjectAsync("openai");
        var key = (string)(await scene.Edge.SendAdminAsync(HttpMethod.Post, $"/api/projects/{project}/api-keys", new { name = "backend", key_type = "secret", environment = "production" }))["apiKey"]!["id"]!;
        await scene.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/budget", new { monthly_budget_usd = 500 });
        await scene.Edge.SetLimitsAsync(project, new { requests_per_minute = 60, burst = 20, tokens_per_minute = 100_000, concurrent_requests = 10 });
        for (var request = 0; request < 600; request++)
        {
            scene.Edge.Records().Write(Some.Record(
                project,
                request % 23 == 0 ? RequestOutcome.Error : request % 31 == 0 ? RequestOutcome.RateLimited : request % 17 == 0 ? RequestOutcome.Cancelled : RequestOutcome.Success,
                Some.Now.AddMinutes(-(request * 7 % 5_000)),
                $"req_{request}",
                Models[request * request % Models.Length],
                cost: request % 40 == 0 ? null : request % 13 * 0.01m,
                milliseconds: 200 + (request * 37 % 3_000),
                key: key));
        }

        await scene.Edge.StoredAsync();
        return (string)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}"))["project"]!["slug"]!;
    }
}
