using System.Collections.Concurrent;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace Cencori.Edge.Tests.Browser;

/// <summary>A page whose faults are noted: errors of scripts, breaches of its content security policy, and whatever it asks of other hosts.</summary>
public sealed class WatchedPage : IAsyncDisposable
{
    private const string Violations = """
        async runOnly => {
            // A field that has the cursor may have scrolled the page a little: what is half behind the fixed bar is too small to axe.
            await new Promise(painted => requestAnimationFrame(() => requestAnimationFrame(painted)));
            scrollTo(0, 0);
            return (await axe.run({ runOnly, resultTypes: ['violations'], preload: false, elementRef: false })).violations
                .map(v => `${v.id} (${v.impact}): ${v.help}: ${v.nodes.slice(0, 3).map(node => node.html).join(' | ')}`);
        }
        """;

    /// <summary>Whether a run takes its time for pages: every look of each, and pictures.</summary>
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("CENCORI_TEST_PAGES") == "all";

    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();

    private readonly IBrowserContext _context;
    private readonly ICDPSession _session;
    private readonly ConcurrentQueue<string> _faults = new();

    private WatchedPage(IBrowserContext context, IPage page, ICDPSession session) => (_context, Page, _session) = (context, page, session);

    public IPage Page { get; }

    /// <summary>Errors that a test brings about, by what their text holds: a status of 4xx is an error in the console too.</summary>
    public List<string> Expected { get; } = [];

    public static async Task<WatchedPage> OpenAsync(IBrowserContext context)
    {
        var page = await context.NewPageAsync();
        var watched = new WatchedPage(context, page, await context.NewCDPSessionAsync(page));
        watched.Page.Console += (_, message) => watched.Note(message.Type is "error" or "warning", message.Text);
        watched.Page.PageError += (_, error) => watched.Note(isFault: true, error);
        watched.Page.Request += (_, request) => watched.Note(
            request.Url.StartsWith("http", StringComparison.Ordinal) && new Uri(request.Url).Authority != new Uri(watched.Page.Url.StartsWith("http", StringComparison.Ordinal) ? watched.Page.Url : request.Url).Authority,
            $"asks another host: {request.Url}");
        return watched;
    }

    /// <summary>Fails the test where axe-core finds anything, of any severity, or the page has a fault.</summary>
    public Task AssertGoodAsync() => AssertNoViolationAsync("tag", "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice");

    /// <summary>Likewise for what another theme alone can spoil.</summary>
    public Task AssertContrastAsync() => AssertNoViolationAsync("rule", "color-contrast", "link-in-text-block");

    /// <summary>Sets the window's width in CSS pixels, and what its owner prefers.</summary>
    public async Task LookAsync(int width, ColorScheme theme)
    {
        await Page.SetViewportSizeAsync(width, 900);
        await Page.EmulateMediaAsync(new() { ColorScheme = theme });
    }

    /// <summary>Returns when keys do something: modules come after the page.</summary>
    public Task ShortcutsAsync() => Page.WaitForFunctionAsync("() => document.documentElement.dataset.shortcuts === 'on'");

    public void AssertNoFaults() => Assert.Empty(_faults);

    /// <summary>Keeps a picture of the whole page beside the tests' other output, where <c>CENCORI_TEST_PAGES</c> is <c>all</c>: it costs as much as the page.</summary>
    public Task KeepPictureAsync(string name) => IsLong ? TakePictureAsync(name) : Task.CompletedTask;

    public async ValueTask DisposeAsync() => await _context.CloseAsync();

    private Task TakePictureAsync(string name) =>
        Page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "screenshots", name + ".jpg"), FullPage = true, Type = ScreenshotType.Jpeg, Quality = 90 });

    private async Task AssertNoViolationAsync(string kind, params string[] values)
    {
        // In the page itself, and once: the package's own way opens a second page for each look. And not through Playwright, for which the
        // browser would compile the script anew on each page.
        if (!await Page.EvaluateAsync<bool>("typeof axe === 'object'"))
        {
            await _session.SendAsync("Runtime.evaluate", new() { ["expression"] = Axe });
        }

        var violations = await Page.EvaluateAsync<string[]>(Violations, new { type = kind, values });
        if (violations.Length > 0)
        {
            await TakePictureAsync("violation-" + Guid.NewGuid().ToString("N"));
        }

        Assert.True(violations.Length == 0, $"{Page.Url}, {Page.ViewportSize?.Width} px\n{string.Join('\n', violations)}");
        AssertNoFaults();
    }

    private void Note(bool isFault, string text)
    {
        if (isFault && !Expected.Exists(part => text.Contains(part, StringComparison.Ordinal)))
        {
            _faults.Enqueue(text);
        }
    }
}
