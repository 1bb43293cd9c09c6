namespace Cencori.Edge.Errors;

/// <summary>The id that joins a client's report, the log and the request record. A client's own id is kept where it is harmless.</summary>
public static class RequestId
{
    public const string HeaderName = "X-Request-Id";

    /// <summary>Longest client id that is kept, in characters.</summary>
    public const int MaxLength = 128;

    /// <param name="request">Whose header may name one.</param>
    /// <param name="now">Ids that the edge makes sort by it.</param>
    public static string For(HttpRequest request, DateTimeOffset now)
    {
        var given = request.Headers[HeaderName];
        return given.Count == 1 && given[0] is { } id && IsHarmless(id) ? id : New(now.ToUnixTimeMilliseconds());
    }

    // In the form of a version 7 UUID. That takes its random bits from the system, at the price of a call into the kernel; these
    // need to differ, and not to be unguessable.
    private static string New(long milliseconds) => string.Create("req_".Length + 32, milliseconds, static (id, milliseconds) =>
    {
        "req_".CopyTo(id);
        milliseconds.TryFormat(id[4..], out _, "x12");
        (0x7000 | Random.Shared.Next(0x1000)).TryFormat(id[16..], out _, "x4");
        (0x8000_0000_0000_0000 | (ulong)Random.Shared.NextInt64(0x4000_0000_0000_0000)).TryFormat(id[20..], out _, "x16");
    });

    // Visible ASCII only: the id is repeated in a header and in log lines.
    private static bool IsHarmless(string id) =>
        id.Length is > 0 and <= MaxLength && !id.AsSpan().ContainsAnyExceptInRange('!', '~');
}
