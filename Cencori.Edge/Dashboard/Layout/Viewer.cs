namespace Cencori.Edge.Dashboard.Layout;

/// <summary>How whoever looks at a page wants it: what their browser keeps in cookies, which change no data.</summary>
/// <param name="Zone">Where times are shown; until the browser has told its zone, UTC.</param>
/// <param name="Theme"><c>light</c>, <c>dark</c> or <c>system</c>.</param>
/// <param name="Now">When the page was made.</param>
public sealed record Viewer(TimeZoneInfo Zone, string Theme, DateTimeOffset Now)
{
    public const string ZoneCookie = "edge-zone";
    public const string ThemeCookie = "edge-theme";
    public const string ShortcutsCookie = "edge-shortcuts";

    /// <summary>Single letters on the keyboard do something. Default true; who talks to their machine, or touches keys by chance, can switch them off.</summary>
    public bool HasShortcuts { get; init; } = true;

    /// <summary>Of a request. What a cookie says and nobody knows is passed over.</summary>
    public static Viewer Of(HttpRequest request, TimeProvider time)
    {
        var zone = request.Cookies[ZoneCookie] is { Length: > 0 and < 64 } id && id.All(IsOfZones) && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var known) ? known : TimeZoneInfo.Utc;
        var theme = request.Cookies[ThemeCookie] is "light" or "dark" ? request.Cookies[ThemeCookie]! : "system";
        return new(zone, theme, time.GetUtcNow()) { HasShortcuts = request.Cookies[ShortcutsCookie] != "off" };
    }

    // The runtime looks for a zone's file by its name.
    private static bool IsOfZones(char c) => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '+' or '-';

    /// <summary>The zone as a person reads it: <c>Europe/Berlin, UTC+01:00</c>.</summary>
    public string ZoneText
    {
        get
        {
            var offset = Zone.GetUtcOffset(Now);
            var sign = offset < TimeSpan.Zero ? '−' : '+';
            return offset == TimeSpan.Zero && Zone == TimeZoneInfo.Utc ? "UTC" : $"{Zone.Id}, UTC{sign}{offset.Duration():hh\\:mm}";
        }
    }
}
