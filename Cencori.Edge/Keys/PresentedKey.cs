using System.Collections.Immutable;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Microsoft.Extensions.Primitives;

namespace Cencori.Edge.Keys;

/// <summary>
/// Finds the key in a request's headers: <c>Authorization: Bearer</c>, <c>CENCORI_API_KEY</c>, or the header of another provider's clients.
/// For a WebSocket it also reads the subprotocols.
/// </summary>
public static class PresentedKey
{
    public const string HeaderName = "CENCORI_API_KEY";

    private const string BearerPrefix = "Bearer ";

    /// <summary>
    /// The headers that hold only a key: the edge's own, and those of Anthropic's, Azure's and Google's clients. None of them
    /// is sent to a provider.
    /// </summary>
    public static readonly ImmutableArray<string> HeaderNames = [HeaderName, "x-api-key", "api-key", "x-goog-api-key"];

    /// <summary>The error for a key that is malformed, unknown, revoked or expired.</summary>
    public static readonly EdgeError NotValid = new(ErrorKind.InvalidApiKey, "The API key is not valid.");

    /// <summary>
    /// Reads the key that the request presents, of any form. False if there is none, or if it is ambiguous:
    /// a repeated header, or different keys in several headers.
    /// </summary>
    public static bool TryRead(HttpContext context, out ReadOnlySpan<char> key) => TryRead(context.Request.Headers, Upgrades.Of(context), out key);

    /// <summary>Reads the key as the other overload does, without WebSocket subprotocols.</summary>
    public static bool TryRead(IHeaderDictionary headers, out ReadOnlySpan<char> key) => TryRead(headers, Upgrade.None, out key);

    internal static bool TryRead(IHeaderDictionary headers, Upgrade upgrade, out ReadOnlySpan<char> key)
    {
        key = default;
        return (upgrade != Upgrade.WebSocket || Subprotocols.TryReadKey(headers.SecWebSocketProtocol, out key)) && TryReadHeaders(headers, ref key) && !key.IsEmpty;
    }

    /// <summary>Whether the path or the query contains a project key, which would be forwarded to the provider.</summary>
    public static bool IsPresentIn(HttpRequest request) =>
        ProjectKey.IsWithin(request.Path.Value) || (request.QueryString.HasValue && ProjectKey.IsWithin(Uri.UnescapeDataString(request.QueryString.Value!)));

    /// <summary>The error for a request without a valid key. It never shows whether the key is unknown, revoked or expired.</summary>
    public static EdgeError Refusal(IHeaderDictionary headers)
    {
        var key = default(ReadOnlySpan<char>);
        return !TryReadHeaders(headers, ref key) ? new(ErrorKind.InvalidApiKey, "Send one API key: several headers of the request have different keys, or a key header is repeated.")
            : key.IsEmpty && !headers.ContainsKey("Authorization") && !Subprotocols.HaveKey(headers.SecWebSocketProtocol)
                ? new(ErrorKind.InvalidApiKey, "An API key is required, as 'Authorization: Bearer <key>' or in the CENCORI_API_KEY header.")
                : NotValid;
    }

    public static ReadOnlySpan<char> Bearer(StringValues authorization)
    {
        var value = authorization.Count == 1 ? authorization[0].AsSpan().Trim() : default;
        return value.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase) ? value[BearerPrefix.Length..].Trim() : default;
    }

    // False: several headers hold different keys, or a key header is repeated.
    private static bool TryReadHeaders(IHeaderDictionary headers, ref ReadOnlySpan<char> key)
    {
        var authorization = headers.Authorization;
        if (authorization.Count > 1 || !Agree(ref key, Bearer(authorization)))
        {
            return false;
        }

        foreach (var name in HeaderNames)
        {
            var values = headers[name];
            if (values.Count > 1 || (values.Count == 1 && !Agree(ref key, values[0].AsSpan().Trim())))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Agree(ref ReadOnlySpan<char> key, ReadOnlySpan<char> other)
    {
        key = key.IsEmpty ? other : key;
        return other.IsEmpty || other.SequenceEqual(key);
    }
}
