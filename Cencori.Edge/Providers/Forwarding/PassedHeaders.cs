using System.Buffers;
using Cencori.Edge.Errors;
using Microsoft.Extensions.Primitives;

namespace Cencori.Edge.Providers.Forwarding;

/// <summary>Headers of a caller that pass to a provider, and what may stand in them.</summary>
internal static class PassedHeaders
{
    /// <summary>Their names.</summary>
    /// <remarks>
    /// Content-Length belongs here: left out, the request silently becomes chunked, which some providers refuse. Sec-WebSocket-Protocol
    /// does not: a key may stand in it.
    /// </remarks>
    public static readonly string[] Names =
    [
        "Accept", "Content-Type", "Content-Length", "Content-Disposition", "User-Agent", "Range",
        "OpenAI-Beta", "anthropic-version", "anthropic-beta", "Idempotency-Key",
        "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Extensions",
    ];

    private static readonly SearchValues<char> Sendable = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(letter => (char)letter), '\t']);

    /// <summary>
    /// Takes out a <c>User-Agent</c> that cannot be sent, which only describes the caller.
    /// </summary>
    /// <returns>What is wrong with another one: what it asks for would be lost without it.</returns>
    public static EdgeError? Check(IHeaderDictionary headers)
    {
        foreach (var name in Names)
        {
            if (!headers.TryGetValue(name, out var values) || !IsOdd(values))
            {
                continue;
            }

            if (name != "User-Agent")
            {
                return EdgeError.Invalid($"The header {name} has a character that no provider takes: it may have visible ASCII characters, spaces and tabs.", name);
            }

            headers.UserAgent = default;
        }

        return null;
    }

    private static bool IsOdd(in StringValues values)
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
