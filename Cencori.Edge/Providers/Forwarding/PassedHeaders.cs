using System.Buffers;
using Cencori.Edge.Errors;
using Microsoft.Extensions.Primitives;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>The caller's headers that pass to a provider, and the characters that they may have.</summary>
internal static class PassedHeaders
{
    /// <summary>The names of the caller's headers that pass to a provider.</summary>
    /// <remarks>
    /// Content-Length must be in the list: without it the request silently becomes chunked, which some providers reject.
    /// Sec-WebSocket-Protocol must not be in the list, because it may hold a key.
    /// </remarks>
    public static readonly string[] Names =
    [
        "Accept", "Content-Type", "Content-Length", "Content-Disposition", "User-Agent", "Range",
        "OpenAI-Beta", "anthropic-version", "anthropic-beta", "Idempotency-Key",
        "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Extensions",
    ];

    private static readonly SearchValues<char> Sendable = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(letter => (char)letter), '\t']);

    /// <summary>
    /// Removes a <c>User-Agent</c> with characters that cannot be sent, because that header only describes the caller.
    /// </summary>
    /// <returns>The error for any other header that cannot be sent, because without that header the request could mean something else. Null: none.</returns>
    public static EdgeError? Check(IHeaderDictionary headers)
    {
        foreach (var name in Names)
        {
            if (!headers.TryGetValue(name, out var values) || !HasUnsendableCharacter(values))
            {
                continue;
            }

            if (name != "User-Agent")
            {
                return EdgeError.Invalid($"The header {name} has a character that providers do not accept. Use only visible ASCII characters, spaces and tabs.", name);
            }

            headers.UserAgent = default;
        }

        return null;
    }

    private static bool HasUnsendableCharacter(in StringValues values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i].AsSpan().ContainsAnyExcept(Sendable))
            {
                return true;
            }
        }

        return false;
    }
}
