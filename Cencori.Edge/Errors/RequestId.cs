namespace Cencori.Edge.Errors;

/// <summary>The id that joins a client's report, the log and the request record. A client's own id is kept where it is harmless.</summary>
public static class RequestId
{
    public const string HeaderName = "X-Request-Id";

    /// <summary>Longest client id that is kept, in characters.</summary>
    public const int MaxLength = 128;

    public static string For(HttpRequest request)
    {
        var given = request.Headers[HeaderName];
        return given.Count == 1 && given[0] is { } id && IsHarmless(id) ? id : "req_" + Guid.CreateVersion7().ToString("N");
    }

    // Visible ASCII only: the id is repeated in a header and in log lines.
    private static bool IsHarmless(string id) =>
        id.Length is > 0 and <= MaxLength && !id.AsSpan().ContainsAnyExceptInRange('!', '~');
}
