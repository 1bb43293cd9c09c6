using System.Globalization;

namespace Cencori.Edge.Errors;

/// <summary>Creates the request id that appears in the response, the log and the request record. A client's own id is kept if <see cref="IsHarmless"/> allows it.</summary>
public static class RequestId
{
    public const string HeaderName = "X-Request-Id";

    /// <summary>The header in which Anthropic's clients look for the id.</summary>
    public const string AnthropicHeaderName = "request-id";

    /// <summary>Longest client id that is kept, in characters.</summary>
    public const int MaxLength = 128;

    private const string Prefix = "req_";
    private const int TimeDigits = 12;
    private const int Length = 4 + 32;

    // Latest time in a request id that the edge can have made: in the year 6429, which no clock reports.
    private const long MaxMilliseconds = 1L << 47;

    /// <param name="request">Its header may contain an id.</param>
    /// <param name="now">Ids made by the edge begin with this time, so they sort by it.</param>
    public static string For(HttpRequest request, DateTimeOffset now)
    {
        var given = request.Headers[HeaderName];
        return given.Count == 1 && given[0] is { } id && IsHarmless(id) ? id : New(now.ToUnixTimeMilliseconds());
    }

    /// <summary>Reads the time at which the edge made this id. False: the edge cannot have made the id. True proves nothing: a caller's own id may have the same form.</summary>
    public static bool TryReadTime(string id, out DateTimeOffset createdAt)
    {
        createdAt = default;
        if (id.Length != Length || !id.StartsWith(Prefix, StringComparison.Ordinal)
            || !long.TryParse(id.AsSpan(Prefix.Length, TimeDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var milliseconds)
            || milliseconds > MaxMilliseconds)
        {
            return false;
        }

        createdAt = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        return true;
    }

    // The id has the form of a version 7 UUID. The system's UUID generator is slower, because it calls the kernel for secure random bits. Request ids
    // must be unique, but may be predictable.
    private static string New(long milliseconds) => string.Create(Length, milliseconds, static (id, milliseconds) =>
    {
        Prefix.CopyTo(id);
        milliseconds.TryFormat(id[Prefix.Length..], out _, "x12");
        (0x7000 | Random.Shared.Next(0x1000)).TryFormat(id[(Prefix.Length + TimeDigits)..], out _, "x4");
        (0x8000_0000_0000_0000 | (ulong)Random.Shared.NextInt64(0x4000_0000_0000_0000)).TryFormat(id[^16..], out _, "x16");
    });

    /// <summary>True if the id is short and visible ASCII. The edge copies ids into headers and log lines, where other characters could do harm.</summary>
    public static bool IsHarmless(string id) =>
        id.Length is > 0 and <= MaxLength && !id.AsSpan().ContainsAnyExceptInRange('!', '~');
}
