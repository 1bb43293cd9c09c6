using System.Globalization;

namespace Cencori.Edge.Errors;

/// <summary>The id that joins a client's report, the log and the request record. A client's own id is kept where it is harmless.</summary>
public static class RequestId
{
    public const string HeaderName = "X-Request-Id";

    /// <summary>Where Anthropic's clients look for it.</summary>
    public const string AnthropicHeaderName = "request-id";

    /// <summary>Longest client id that is kept, in characters.</summary>
    public const int MaxLength = 128;

    private const string Prefix = "req_";
    private const int TimeDigits = 12;
    private const int Length = 4 + 32;

    // In the year 6429: no clock says so.
    private const long MaxMilliseconds = 1L << 47;

    /// <param name="request">Whose header may name one.</param>
    /// <param name="now">Ids that the edge makes sort by it.</param>
    public static string For(HttpRequest request, DateTimeOffset now)
    {
        var given = request.Headers[HeaderName];
        return given.Count == 1 && given[0] is { } id && IsHarmless(id) ? id : New(now.ToUnixTimeMilliseconds());
    }

    /// <summary>When the edge made this id. False: it is not one that the edge makes; one that looks like it may still be a caller's own.</summary>
    public static bool TryReadTime(string id, out DateTimeOffset madeAt)
    {
        madeAt = default;
        if (id.Length != Length || !id.StartsWith(Prefix, StringComparison.Ordinal)
            || !long.TryParse(id.AsSpan(Prefix.Length, TimeDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var milliseconds)
            || milliseconds > MaxMilliseconds)
        {
            return false;
        }

        madeAt = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        return true;
    }

    // In the form of a version 7 UUID. That takes its random bits from the system, at the price of a call into the kernel; these
    // need to differ, and not to be unguessable.
    private static string New(long milliseconds) => string.Create(Length, milliseconds, static (id, milliseconds) =>
    {
        Prefix.CopyTo(id);
        milliseconds.TryFormat(id[Prefix.Length..], out _, "x12");
        (0x7000 | Random.Shared.Next(0x1000)).TryFormat(id[(Prefix.Length + TimeDigits)..], out _, "x4");
        (0x8000_0000_0000_0000 | (ulong)Random.Shared.NextInt64(0x4000_0000_0000_0000)).TryFormat(id[^16..], out _, "x16");
    });

    /// <summary>Visible ASCII only, and not long: an id is repeated in headers and in log lines.</summary>
    public static bool IsHarmless(string id) =>
        id.Length is > 0 and <= MaxLength && !id.AsSpan().ContainsAnyExceptInRange('!', '~');
}
