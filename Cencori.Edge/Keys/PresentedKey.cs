using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Microsoft.Extensions.Primitives;

namespace Cencori.Edge.Keys;

/// <summary>
/// Finds the key in a request's headers: <c>CENCORI_API_KEY</c> first, else <c>Authorization: Bearer</c>, and for a WebSocket its
/// subprotocols.
/// </summary>
public static class PresentedKey
{
    public const string HeaderName = "CENCORI_API_KEY";

    private const string BearerPrefix = "Bearer ";

    /// <summary>
    /// The one key that the request shows, of whatever form. False where there is none, or where it cannot be told
    /// which is meant: a repeated header, or two different keys.
    /// </summary>
    public static bool TryRead(HttpContext context, out ReadOnlySpan<char> key) => TryRead(context.Request.Headers, Upgrades.Of(context), out key);

    /// <summary>Likewise.</summary>
    public static bool TryRead(IHeaderDictionary headers, out ReadOnlySpan<char> key) => TryRead(headers, Upgrade.None, out key);

    internal static bool TryRead(IHeaderDictionary headers, Upgrade upgrade, out ReadOnlySpan<char> key)
    {
        key = default;
        var own = headers[HeaderName];
        var authorization = headers.Authorization;
        var offered = default(ReadOnlySpan<char>);
        if (own.Count > 1 || authorization.Count > 1 || (upgrade == Upgrade.WebSocket && !Subprotocols.TryReadKey(headers.SecWebSocketProtocol, out offered)))
        {
            return false;
        }

        key = own.Count == 1 ? own[0].AsSpan().Trim() : default;
        return Agree(ref key, Bearer(authorization)) && Agree(ref key, offered) && !key.IsEmpty;
    }

    /// <summary>True where a project key stands in the path or the query, which would go to the provider with it.</summary>
    public static bool StandsIn(HttpRequest request) =>
        ProjectKey.IsWithin(request.Path.Value) || (request.QueryString.HasValue && ProjectKey.IsWithin(Uri.UnescapeDataString(request.QueryString.Value!)));

    /// <summary>The answer to a request without a valid key. It never tells an unknown key from a revoked or an expired one.</summary>
    public static EdgeError Refusal(IHeaderDictionary headers) => new(
        ErrorKind.InvalidApiKey,
        headers.ContainsKey(HeaderName) || headers.ContainsKey("Authorization") || Subprotocols.HaveKey(headers.SecWebSocketProtocol)
            ? "The API key is not valid."
            : "An API key is required, as 'Authorization: Bearer <key>' or in the CENCORI_API_KEY header.");

    public static ReadOnlySpan<char> Bearer(StringValues authorization)
    {
        var value = authorization.Count == 1 ? authorization[0].AsSpan().Trim() : default;
        return value.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase) ? value[BearerPrefix.Length..].Trim() : default;
    }

    private static bool Agree(ref ReadOnlySpan<char> key, ReadOnlySpan<char> other)
    {
        key = key.IsEmpty ? other : key;
        return other.IsEmpty || other.SequenceEqual(key);
    }
}
