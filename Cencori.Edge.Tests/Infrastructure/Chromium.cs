using Microsoft.Playwright;

namespace Cencori.Edge.Tests.Infrastructure;

/// <summary>One browser for all tests of a run, started for the first of them. Each has a context of its own in it.</summary>
public static class Chromium
{
    // Every name leads to this machine. The sandbox of Chromium does not run as root, nor in most containers. No page lives long enough to
    // earn back what its scripts cost to be optimized.
    private static readonly string[] Arguments =
        ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--host-resolver-rules=MAP * 127.0.0.1", "--js-flags=--no-opt,--no-maglev"];

    private static readonly Lazy<Task<IBrowser>> Started = new(StartAsync);

    /// <summary>Null where there is none: what <c>CHROMIUM</c> names, else Debian's on the PATH. Playwright's own is never downloaded.</summary>
    // The one without a window first: it starts a page in a fraction of what a whole browser takes.
    public static string? Program { get; } = Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } named ? named
        : ChildProcess.Find("chromium-headless-shell") ?? ChildProcess.Find("chromium");

    public static Task<IBrowser> StartedAsync() => Started.Value;

    /// <summary>A browser of its own, as patient as everything else that waits in tests.</summary>
    public static async Task<IBrowserContext> NewContextAsync(BrowserNewContextOptions options)
    {
        var context = await (await StartedAsync()).NewContextAsync(options);
        context.SetDefaultTimeout((float)Eventually.Timeout.TotalMilliseconds);
        return context;
    }

    // Its driver ends with this process, however that ends, and takes the browser with it.
    private static async Task<IBrowser> StartAsync()
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Program, Args = Arguments });
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            browser.CloseAsync().Wait();
            playwright.Dispose();
        };
        return browser;
    }
}
