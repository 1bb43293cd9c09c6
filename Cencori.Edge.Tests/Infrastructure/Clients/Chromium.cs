using Microsoft.Playwright;

namespace Cencori.Edge.Tests.Infrastructure.Clients;

/// <summary>One browser for all tests of a run, started on first use. Each test has its own context.</summary>
public static class Chromium
{
    // All host names resolve to this machine. Chromium's sandbox does not run as root, nor in most containers. Optimizing scripts costs more than the
    // short-lived pages gain.
    private static readonly string[] Arguments =
        ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--host-resolver-rules=MAP * 127.0.0.1", "--js-flags=--no-opt,--no-maglev"];

    private static readonly Lazy<Task<IBrowser>> Started = new(StartAsync);

    /// <summary>The program that <c>CHROMIUM</c> names, or Debian's on the PATH. Null: none. Playwright's own browser is never downloaded.</summary>
    // The headless shell comes first: it starts a page much faster than the full browser.
    public static string? Program { get; } = Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } named ? named
        : ChildProcess.Find("chromium-headless-shell") ?? ChildProcess.Find("chromium");

    public static Task<IBrowser> StartedAsync() => Started.Value;

    /// <summary>A browser context with the usual timeout of tests.</summary>
    public static async Task<IBrowserContext> NewContextAsync(BrowserNewContextOptions options)
    {
        var context = await (await StartedAsync()).NewContextAsync(options);
        context.SetDefaultTimeout((float)Eventually.Timeout.TotalMilliseconds);
        return context;
    }

    // Playwright's driver ends with this process in any case, and ends the browser.
    private static async Task<IBrowser> StartAsync()
    {
        Assertions.SetDefaultExpectTimeout((float)Eventually.Timeout.TotalMilliseconds);
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
