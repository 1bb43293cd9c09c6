using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Cencori.Edge.Tests.Dashboard;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Microsoft.Playwright;

namespace Cencori.Edge.Tests.Browser;

/// <summary>Checks that apply to all pages, for a project with one object of each kind.</summary>
public sealed partial class EveryPageTests(DashboardScene scene) : IClassFixture<DashboardScene>
{
    private const int MostHtml = 30 * 1024;
    private const int MaxOwnAssets = 40 * 1024;
    private const int MaxRequests = 3;

    // Short runs use only the first two. These find every fault of width and theme, except for faults of contrast on the wide dark page.
    private static readonly (int Width, ColorScheme Theme)[] Looks = [(1280, ColorScheme.Light), (360, ColorScheme.Dark), (1280, ColorScheme.Dark), (360, ColorScheme.Light)];

    [ChromiumFact]
    [Trait(SlowestTests.Trait, "A browser opens every page, wide and narrow, light and dark.")]
    public async Task Every_page_works_at_every_width_and_in_both_themes()
    {
        var project = await FilledProject.CreateAsync(scene.Edge, "Shop assistant", scene.Provider);
        var pages = await PagesAsync(project);
        Assert.True(pages.Count > 5);
        var faults = new List<string>();
        await using var watched = await scene.SignInAsync();
        var requested = new ConcurrentDictionary<string, bool>();
        watched.Page.Request += (_, request) => requested.TryAdd(new Uri(request.Url).AbsolutePath, true);
        foreach (var (path, name) in pages)
        {
            try
            {
                await watched.CheckAsync(1280, ColorScheme.Light);
                requested.Clear();
                await watched.Page.GotoAsync(path, new() { WaitUntil = WaitUntilState.Load });
                var requests = requested.Keys.Where(address => !address.StartsWith("/dashboard/assets/", StringComparison.Ordinal)).Concat(await LoadedAssetsAsync(watched.Page)).ToList();
                faults.AddRange(requests.Count > MaxRequests ? [$"{path}: {string.Join(", ", requests)}"] : Array.Empty<string>());

                // Each page is opened once and then adapts to window size and theme, as for users.
                foreach (var (width, theme) in WatchedPage.IsLong ? Looks : Looks[..2])
                {
                    await watched.CheckAsync(width, theme);
                    if (await IsTooWideAsync(watched.Page))
                    {
                        faults.Add($"{path} is wider than {width} px");
                    }

                    await watched.AssertGoodAsync();
                    await watched.KeepPictureAsync($"{name}-{width}-{theme.ToString().ToLowerInvariant()}");
                }

                // A window of 1,280 px at 400 % zoom.
                await watched.CheckAsync(320, ColorScheme.Light);
                if (await IsTooWideAsync(watched.Page))
                {
                    faults.Add($"{path} is wider than 320 px");
                }

                await watched.CheckAsync(1280, ColorScheme.Dark);
                await watched.AssertContrastAsync();
            }
            catch (Exception exception) when (exception is Xunit.Sdk.XunitException or PlaywrightException)
            {
                faults.Add($"{path}: {exception.Message}");
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [ChromiumFact]
    [Trait(SlowestTests.Trait, "Each page is rendered three times.")]
    public async Task Every_page_is_small()
    {
        var project = await FilledProject.CreateAsync(scene.Edge, "Shop assistant", scene.Provider);
        var faults = new List<string>();
        using var client = await PageClient.SignedInAsync(scene.Edge);
        foreach (var (path, _) in await PagesAsync(project))
        {
            if (await OnTheWireAsync(client, path) is > MostHtml and var bytes)
            {
                faults.Add($"{path}: {bytes} bytes of HTML");
            }

            await client.GetAsync(path);

            var (headings, title) = (client.Document.QuerySelectorAll("h1").Length, client.Document.Title ?? "");
            if (headings != 1 || !title.EndsWith("Cencori.Edge", StringComparison.Ordinal) || client.Document.DocumentElement.GetAttribute("lang") != "en")
            {
                faults.Add($"{path}: {headings} h1, title '{title}'");
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.InRange(await OwnAssetsAsync(), 1_000, MaxOwnAssets);
    }

    // Charts resize a moment after the window.
    private static async Task<bool> IsTooWideAsync(IPage page)
    {
        try
        {
            await page.WaitForFunctionAsync("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth", null, new() { Timeout = 10_000 });
            return false;
        }
        catch (TimeoutException)
        {
            return true;
        }
    }

    // Playwright also reports assets from the browser's cache, which cause no request.
    private static Task<string[]> LoadedAssetsAsync(IPage page) =>
        page.EvaluateAsync<string[]>("performance.getEntriesByType('resource').filter(e => e.transferSize > 0 && e.name.includes('/dashboard/assets/')).map(e => e.name)");

    // The size of the encoded body that a browser would receive.
    private static async Task<int> OnTheWireAsync(PageClient client, string path)
    {
        await client.SendAsync(new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept-Encoding", "gzip, deflate, br" }, { "Sec-Fetch-Site", "none" } } });
        return (await client.Response.Content.ReadAsByteArrayAsync()).Length;
    }

    private async Task<int> OwnAssetsAsync()
    {
        using var client = await PageClient.SignedInAsync(scene.Edge);
        var path = client.Document.QuerySelector("link[rel=stylesheet]")!.GetAttribute("href")!;
        var sum = 0;
        foreach (var name in typeof(Program).Assembly.GetManifestResourceNames().Where(name => OwnAsset().IsMatch(name)))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path.Replace("dashboard.css", name["dashboard/".Length..], StringComparison.Ordinal)) { Headers = { { "Accept-Encoding", "br" } } };
            using var response = await scene.Edge.Http.SendAsync(request);
            sum += (await response.Content.ReadAsByteArrayAsync()).Length;
        }

        return sum;
    }

    /// <summary>Address and name of each HTML page.</summary>
    private async Task<List<(string Path, string Name)>> PagesAsync(FilledProject project)
    {
        using var client = await PageClient.SignedInAsync(scene.Edge);
        var pages = new List<(string, string)>();
        foreach (var route in FilledProject.Routes(scene.Edge).Where(route => FilledProject.MethodOf(route) == "GET" && !FilledProject.PatternOf(route).Contains("openid", StringComparison.Ordinal)))
        {
            await client.GetAsync(project.PathOf(route) ?? throw new InvalidOperationException(FilledProject.PatternOf(route)));
            if (client.Response.IsSuccessStatusCode && client.Html.StartsWith("<!DOCTYPE", StringComparison.OrdinalIgnoreCase))
            {
                pages.Add((project.PathOf(route)!, NotInNames().Replace(FilledProject.PatternOf(route)["/dashboard".Length..].Trim('/') is { Length: > 0 } name ? name : "projects", "-").Trim('-')));
            }
        }

        return pages;
    }

    [GeneratedRegex(@"^dashboard/(?!echarts).*\.(css|js)$")]
    private static partial Regex OwnAsset();

    [GeneratedRegex("[^a-z]+", RegexOptions.IgnoreCase)]
    private static partial Regex NotInNames();
}
