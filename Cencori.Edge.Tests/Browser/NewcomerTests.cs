using System.ClientModel;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Records;
using Microsoft.Playwright;

namespace Cencori.Edge.Tests.Browser;

/// <summary>The first steps of a new user: from the sign-in to a working key, and its revocation.</summary>
public sealed class NewcomerTests(DashboardScene scene) : IClassFixture<DashboardScene>
{
    [ChromiumTheory]
    [InlineData("localhost", false)]
    [InlineData("edge.example", true)]
    [Trait(SlowestTests.Trait, "A browser follows all first steps of a new user.")]
    public async Task A_user_creates_a_project_and_a_key_uses_rotates_and_revokes_it(string host, bool isDark)
    {
        var (name, theme) = ($"Newcomer at {host}", isDark ? "dark" : "light");
        await using var watched = await scene.SignInAsync(host, isDark: isDark);
        var page = watched.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "New project" }).ClickAsync();
        await page.GetByLabel("Name").FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create project" }).ClickAsync();
        await page.GetByText("The project has been created.").WaitForAsync();
        await page.GetByText("Waiting for the first request").WaitForAsync();
        await watched.AssertGoodAsync();
        await watched.KeepPictureAsync("first-steps-" + theme);

        await page.GetByRole(AriaRole.Link, new() { Name = "API Keys", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Generate New Key" }).First.ClickAsync();
        await page.GetByLabel("Name").FillAsync("first key");
        await page.GetByLabel("test", new() { Exact = true }).CheckAsync();
        await watched.AssertGoodAsync();
        await watched.KeepPictureAsync("key-new-" + theme);
        await page.GetByRole(AriaRole.Button, new() { Name = "Generate New Key" }).ClickAsync();
        await watched.AssertGoodAsync();
        await watched.KeepPictureAsync("key-shown-" + theme);
        var key = await CopyAsync(page);
        Assert.Matches("^csk_test_[0-9a-f]{48}$", key);
        Assert.Contains($"http://{host}:{scene.Edge.Address.Port}/v1", await page.Locator(".samples").InnerTextAsync());

        var chat = scene.Edge.OpenAI(key).GetChatClient("gpt-4o");
        Assert.NotEmpty((await chat.CompleteChatAsync("Hello!")).Value.Content[0].Text);

        await page.GetByRole(AriaRole.Link, new() { Name = "I have saved it" }).ClickAsync();
        var requests = page.GetByRole(AriaRole.Link, new() { Name = "Requests in Logs" });
        await requests.WaitForAsync();
        var id = new Uri(page.Url).Segments[^1];
        await scene.Edge.RowAsync(row => row.KeyId == id);
        await requests.ClickAsync();
        await page.Locator("[data-log-rows] tbody tr").First.WaitForAsync();
        await page.GoBackAsync();
        await page.GetByText("just now").First.WaitForAsync();
        await watched.AssertGoodAsync();
        await watched.KeepPictureAsync("key-" + theme);
        await page.GetByRole(AriaRole.Link, new() { Name = "Rotate", Exact = true }).ClickAsync();
        await watched.AssertGoodAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Rotate key" }).ClickAsync();
        var successor = await CopyAsync(page);
        Assert.NotEqual(key, successor);
        await chat.CompleteChatAsync("Hello!");

        await page.GetByRole(AriaRole.Link, new() { Name = "I have saved it" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Revoke", Exact = true }).ClickAsync();
        await watched.AssertGoodAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke key" }).ClickAsync();
        await page.GetByText("The key is revoked.").WaitForAsync();
        await watched.AssertGoodAsync();
        var refused = await Assert.ThrowsAsync<ClientResultException>(() => scene.Edge.OpenAI(successor).GetChatClient("gpt-4o").CompleteChatAsync("Hello!"));
        Assert.Equal(401, refused.Status);
        await page.GetByRole(AriaRole.Link, new() { Name = "API Keys", Exact = true }).ClickAsync();
        await watched.AssertGoodAsync();
        await watched.KeepPictureAsync("keys-" + theme);
        await page.GotoAsync(new Uri(page.Url).AbsolutePath.Replace("/keys", "/settings", StringComparison.Ordinal));
        await watched.AssertGoodAsync();
        await watched.KeepPictureAsync("settings-" + theme);
        await page.GetByRole(AriaRole.Link, new() { Name = "Where keys may be used from" }).ClickAsync();
        await page.GetByLabel("Allowed networks").FillAsync("203.0.113.0/24");
        await page.GetByLabel("only from these networks").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.GetByText("keys are refused from where you are").WaitForAsync();
        await watched.AssertGoodAsync();
        await watched.KeepPictureAsync("networking-" + theme);
        await page.GotoAsync("/dashboard/account");
        await watched.AssertGoodAsync();
        await watched.KeepPictureAsync("account-" + theme);
    }

    [ChromiumFact]
    [Trait(SlowestTests.Trait, "A browser follows all first steps of a new user, key by key.")]
    public async Task All_first_steps_work_with_the_keyboard_alone()
    {
        await using var watched = await scene.OpenAsync();
        var (page, keyboard) = (watched.Page, watched.Page.Keyboard);
        await page.GotoAsync("/dashboard");
        await TypeAsync(page, RunningEdge.AdminToken);
        await keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/dashboard");

        await RunAsync(watched, "new project");
        await page.WaitForURLAsync("**/projects/new");
        await TypeAsync(page, "By keyboard");
        await keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/p/by-keyboard*");

        await watched.ShortcutsAsync();
        await Eventually.IsTrueAsync(async () =>
        {
            // The second key must follow within three seconds. A busy machine may be slower, so both keys are pressed again.
            await keyboard.PressAsync("g");
            await keyboard.PressAsync("k");
            try
            {
                // Long, because keys that are pressed during a navigation would begin another one.
                await page.WaitForURLAsync("**/p/by-keyboard/keys", new() { Timeout = 15_000 });
                return true;
            }
            catch (TimeoutException)
            {
                return false;
            }
        });
        await RunAsync(watched, "generate");
        await page.WaitForURLAsync("**/keys/new");
        await TypeAsync(page, "k");
        await keyboard.PressAsync("Enter");
        await page.Locator("#full-key").WaitForAsync();
        var key = await page.Locator("#full-key").InputValueAsync();
        await page.WaitForFunctionAsync("() => document.activeElement.id === 'full-key' && document.activeElement.selectionEnd > document.activeElement.selectionStart");
        await keyboard.PressAsync("Control+c");

        await RunAsync(watched, "api keys");
        await page.WaitForURLAsync("**/p/by-keyboard/keys");
        await watched.ShortcutsAsync();
        await keyboard.PressAsync("/");
        await keyboard.PressAsync("Control+v");
        Assert.Equal(key, await page.Locator("#q").InputValueAsync());
        await page.Locator("#q").FillAsync("");
        await page.EvaluateAsync("document.activeElement.blur()");
        await keyboard.PressAsync("j");
        await keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/keys/key_*");
        await TabToAsync(page, "Revoke");
        await keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/revoke");
        await TabToAsync(page, "Revoke key", "Shift+Tab");
        await keyboard.PressAsync("Enter");
        await page.GetByText("The key is revoked.").WaitForAsync();

        await watched.ShortcutsAsync();
        await keyboard.PressAsync("?");
        await page.GetByRole(AriaRole.Heading, new() { Name = "Keyboard shortcuts" }).WaitForAsync();
        await watched.AssertGoodAsync();
        await keyboard.PressAsync("Escape");
        await keyboard.PressAsync("Control+k");
        await page.Locator("[role=option]").First.WaitForAsync();
        await watched.AssertGoodAsync();
        await watched.KeepPictureAsync("palette");
        watched.AssertNoFaults();
    }

    [ChromiumFact]
    [Trait(SlowestTests.Trait, "A browser opens a dozen pages.")]
    public async Task Without_scripts_keys_are_generated_and_revoked()
    {
        await using var watched = await scene.SignInAsync("edge.example", width: 360, runsScripts: false);
        var page = watched.Page;
        await page.GotoAsync("/dashboard/projects/new");
        await page.GetByLabel("Name").FillAsync("Without scripts");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create project" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "API Keys", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Generate New Key" }).First.ClickAsync();
        await page.GetByLabel("Name").FillAsync("plain");
        await page.GetByLabel("test", new() { Exact = true }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Generate New Key" }).ClickAsync();
        var key = await page.Locator("#full-key").InputValueAsync();
        await watched.KeepPictureAsync("key-shown-narrow");
        var loading = page.WaitForDownloadAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Download .env" }).ClickAsync();
        Assert.Contains($"CENCORI_API_KEY={key}\n", await File.ReadAllTextAsync(await (await loading).PathAsync()));
        await scene.Edge.OpenAI(key).GetChatClient("gpt-4o").CompleteChatAsync("Hello!");

        await page.GetByRole(AriaRole.Link, new() { Name = "I have saved it" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Revoke", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke key" }).ClickAsync();
        await page.GetByText("The key is revoked.").WaitForAsync();
        await page.GotoAsync(new Uri(new Uri(page.Url), ".").AbsolutePath.TrimEnd('/'));
        await watched.KeepPictureAsync("keys-narrow");
        var refused = await Assert.ThrowsAsync<ClientResultException>(() => scene.Edge.OpenAI(key).GetChatClient("gpt-4o").CompleteChatAsync("Hello!"));
        Assert.Equal(401, refused.Status);
    }

    // Reads the clipboard by pasting into a field, because only secure contexts may read it directly.
    private static async Task<string> CopyAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Copy", Exact = true }).ClickAsync();
        await page.GetByText("Copied").First.WaitForAsync();
        var shown = await page.Locator("#full-key").InputValueAsync();
        await page.EvaluateAsync("() => { const field = document.createElement('input'); field.id = 'pasted'; field.setAttribute('aria-label', 'pasted'); document.querySelector('main').append(field); field.focus(); }");
        await page.Keyboard.PressAsync("Control+v");
        var pasted = await page.Locator("#pasted").InputValueAsync();
        Assert.Equal(shown, pasted);
        return pasted;
    }

    private static async Task RunAsync(WatchedPage watched, string text)
    {
        var page = watched.Page;
        await watched.ShortcutsAsync();
        await page.Keyboard.PressAsync("Control+k");
        await page.Locator("dialog.palette[open]").WaitForAsync();
        await page.Keyboard.TypeAsync(text);
        await page.WaitForFunctionAsync("text => document.querySelector('[role=option][aria-selected=true]')?.textContent.toLowerCase().includes(text)", text);
        await page.Keyboard.PressAsync("Enter");
    }

    // The focus may come with the first paint of a page, after its load event.
    private static async Task TypeAsync(IPage page, string text)
    {
        await page.WaitForFunctionAsync("() => document.activeElement.matches('main input')");
        await page.Keyboard.TypeAsync(text);
    }

    private static async Task TabToAsync(IPage page, string text, string by = "Tab")
    {
        for (var i = 0; i < 60 && await page.EvaluateAsync<string>("document.activeElement.textContent.trim()") != text; i++)
        {
            await page.Keyboard.PressAsync(by);
        }
    }
}
