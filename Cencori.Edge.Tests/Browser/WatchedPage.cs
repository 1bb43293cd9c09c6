using System.Collections.Concurrent;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace Cencori.Edge.Tests.Browser;

/// <summary>A page that records faults: script errors, violations of its content security policy, and requests to other hosts.</summary>
public sealed class WatchedPage : IAsyncDisposable
{
    private const string Violations = """
        async runOnly => {
            // A focused field may have scrolled the page, and axe reports an element that the fixed bar partly covers as too small. So this scrolls back.
            await new Promise(painted => requestAnimationFrame(() => requestAnimationFrame(painted)));
            scrollTo(0, 0);
            return (await axe.run({ runOnly, resultTypes: ['violations'], preload: false, elementRef: false })).violations
                .map(v => `${v.id} (${v.impact}): ${v.help}: ${v.nodes.slice(0, 3).map(node => node.html).join(' | ')}`);
        }
        """;

    /// <summary>True: a long run, which checks each page with every width and theme and saves screenshots.</summary>
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("CENCORI_TEST_PAGES") == "all";

    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();

    private readonly IBrowserContext _context;
    private readonly ICDPSession _session;
    private readonly ConcurrentQueue<string> _faults = new();

    private WatchedPage(IBrowserContext context, IPage page, ICDPSession session) => (_context, Page, _session) = (context, page, session);

    public IPage Page { get; }

    /// <summary>Errors that a test causes on purpose, as parts of their text. A 4xx status is a console error too.</summary>
    public List<string> Expected { get; } = [];

    public static async Task<WatchedPage> OpenAsync(IBrowserContext context)
    {
        var page = await context.NewPageAsync();
        var watched = new WatchedPage(context, page, await context.NewCDPSessionAsync(page));
        watched.Page.Console += (_, message) => watched.Note(message.Type is "error" or "warning", message.Text);
        watched.Page.PageError += (_, error) => watched.Note(isFault: true, error);
        watched.Page.Request += (_, request) => watched.Note(
            request.Url.StartsWith("http", StringComparison.Ordinal) && new Uri(request.Url).Authority != new Uri(watched.Page.Url.StartsWith("http", StringComparison.Ordinal) ? watched.Page.Url : request.Url).Authority,
            $"request to another host: {request.Url}");
        return watched;
    }

    /// <summary>Fails the test when axe-core finds any violation, of any severity, or the page has a fault.</summary>
    public Task AssertGoodAsync() => AssertNoViolationAsync("tag", "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice");

    /// <summary>Like <see cref="AssertGoodAsync"/>, but checks only the rules whose result depends on the theme.</summary>
    public Task AssertContrastAsync() => AssertNoViolationAsync("rule", "color-contrast", "link-in-text-block");

    /// <summary>Sets the window's width in CSS pixels and the preferred theme.</summary>
    public async Task CheckAsync(int width, ColorScheme theme)
    {
        await Page.SetViewportSizeAsync(width, 900);
        await Page.EmulateMediaAsync(new() { ColorScheme = theme });
    }

    /// <summary>Waits until keyboard shortcuts work: modules load after the page.</summary>
    public Task ShortcutsAsync() => Page.WaitForFunctionAsync("() => document.documentElement.dataset.shortcuts === 'on'");

    public void AssertNoFaults() => Assert.Empty(_faults);

    /// <summary>In a long run, saves a screenshot of the whole page with the tests' output. A screenshot takes as long as opening the page.</summary>
    public Task KeepPictureAsync(string name) => IsLong ? TakePictureAsync(name) : Task.CompletedTask;

    public async ValueTask DisposeAsync() => await _context.CloseAsync();

    private Task TakePictureAsync(string name) =>
        Page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "screenshots", name + ".jpg"), FullPage = true, Type = ScreenshotType.Jpeg, Quality = 90 });

    private async Task AssertNoViolationAsync(string kind, params string[] values)
    {
        // Runs axe in the page itself and loads it once: the package opens a second page for each check, and through Playwright the
        // browser would compile the script again on each page.
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
