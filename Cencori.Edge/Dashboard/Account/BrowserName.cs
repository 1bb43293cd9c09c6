namespace Cencori.Edge.Dashboard.Account;

/// <summary>Finds a readable browser name in a User-Agent header.</summary>
public static class BrowserName
{
    // The order matters: the User-Agent of a browser may also contain the marks of browsers further below in this list.
    private static readonly (string Mark, string Name)[] Browsers =
        [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl")];

    private static readonly (string Mark, string Name)[] Systems =
        [("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux")];

    public static string Of(string? userAgent) => (Find(Browsers, userAgent), Find(Systems, userAgent)) switch
    {
        (null, null) => "Another program",
        (null, { } system) => $"A browser on {system}",
        ({ } browser, null) => browser,
        var (browser, system) => $"{browser} on {system}",
    };

    private static string? Find((string Mark, string Name)[] names, string? userAgent) =>
        userAgent is null ? null : Array.Find(names, name => userAgent.Contains(name.Mark, StringComparison.Ordinal)).Name;
}
