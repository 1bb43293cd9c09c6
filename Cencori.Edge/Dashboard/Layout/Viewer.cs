namespace Cencori.Edge.Dashboard.Layout;

/// <summary>Display preferences of the person who views a page. The browser stores them in cookies.</summary>
/// <param name="Zone">The time zone for times; UTC until the browser has sent its zone.</param>
/// <param name="Theme"><c>light</c>, <c>dark</c> or <c>system</c>.</param>
/// <param name="Now">When the page was created.</param>
public sealed record Viewer(TimeZoneInfo Zone, string Theme, DateTimeOffset Now)
{
    public const string ZoneCookie = "edge-zone";
    public const string ThemeCookie = "edge-theme";
    public const string ShortcutsCookie = "edge-shortcuts";

    private const int MaxZoneLength = 64;

    // The longest names are such as America/Argentina/Salta.
    private const int MaxZoneParts = 3;

    /// <summary>Single-letter keyboard shortcuts are on. Default true. Users of speech input, or who hit keys by accident, can switch them off.</summary>
    public bool HasShortcuts { get; init; } = true;

    /// <summary>Reads the preferences in a request's cookies. Unknown values are ignored.</summary>
    public static Viewer Of(HttpRequest request, TimeProvider time)
    {
        var zone = request.Cookies[ZoneCookie] is { } id && IsZoneName(id) && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var known) ? known : TimeZoneInfo.Utc;
        var theme = request.Cookies[ThemeCookie] is "light" or "dark" ? request.Cookies[ThemeCookie]! : "system";
        return new(zone, theme, time.GetUtcNow()) { HasShortcuts = request.Cookies[ShortcutsCookie] != "off" };
    }

    // The runtime opens a file by that name, so a cookie must not contain an arbitrary path. It also keeps each name in memory, so there must be only one
    // spelling of a zone, without empty parts.
    private static bool IsZoneName(string id) => id.Length < MaxZoneLength && id.Split('/') is { Length: <= MaxZoneParts } parts && Array.TrueForAll(parts, IsZonePart);

    private static bool IsZonePart(string part) => part.Length > 0 && part.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '+' or '-');

    /// <summary>The zone as text: <c>Europe/Berlin, UTC+01:00</c>.</summary>
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
