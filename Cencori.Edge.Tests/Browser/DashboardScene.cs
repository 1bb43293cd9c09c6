using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Playwright;

namespace Cencori.Edge.Tests.Browser;

/// <summary>An edge with a scripted provider for the tests of a class, and the shared browser. Only one class may use the browser's clipboard.</summary>
public sealed class DashboardScene : RespondingEdge
{
    public override async Task InitializeAsync()
    {
        if (ChromiumFactAttribute.Missing is null)
        {
            await Chromium.StartedAsync();
            await base.InitializeAsync();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (ChromiumFactAttribute.Missing is null)
        {
            await base.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Opens a new browser context at the edge's sign-in page.</summary>
    /// <param name="host">The host name in the URL. <c>localhost</c> is a secure context, others are not.</param>
    /// <param name="width">The window's width in CSS pixels.</param>
    /// <param name="isDark">True: the user prefers a dark theme.</param>
    /// <param name="runsScripts">False: scripts are disabled.</param>
    public async Task<WatchedPage> OpenAsync(string host = "localhost", int width = 1280, bool isDark = false, bool runsScripts = true)
    {
        var context = await Chromium.NewContextAsync(new()
        {
            BaseURL = $"http://{host}:{Edge.Address.Port}",
            ViewportSize = new() { Width = width, Height = 900 },
            ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
            TimezoneId = "Europe/Berlin",
            Locale = "en-US",
            JavaScriptEnabled = runsScripts,
        });
        var watched = await WatchedPage.OpenAsync(context);
        if (host != "localhost")
        {
            // The browser logs this about pages that are not secure contexts.
            watched.Expected.Add("Cross-Origin-Opener-Policy");
        }

        return watched;
    }

    /// <summary>Like <see cref="OpenAsync"/>, but signed in with the admin token.</summary>
    public async Task<WatchedPage> SignInAsync(string host = "localhost", int width = 1280, bool isDark = false, bool runsScripts = true)
    {
        var watched = await OpenAsync(host, width, isDark, runsScripts);
        await watched.Page.GotoAsync("/dashboard");
        await watched.Page.GetByLabel("Admin token").FillAsync(RunningEdge.AdminToken);
        await watched.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await watched.Page.WaitForURLAsync("**/dashboard");
        return watched;
    }
}
