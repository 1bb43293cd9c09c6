using System.Buffers;
using Microsoft.Extensions.Primitives;

namespace Cencori.Edge.Keys;

/// <summary>
/// The subprotocols that a WebSocket handshake offers. Browser pages cannot set headers on a handshake, so OpenAI's browser clients send the
/// API key and other header values as subprotocols.
/// </summary>
public static class Subprotocols
{
    public const string KeyPrefix = "openai-insecure-api-key.";

    private static readonly string[] OfHeaders = [KeyPrefix, "openai-organization.", "openai-project."];

    // The characters of a subprotocol name: RFC 9110, 5.6.2.
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Reads the key among the subprotocols; empty if there is none. False if there is more than one, as with a repeated header.</summary>
    public static bool TryReadKey(StringValues offered, out ReadOnlySpan<char> key)
    {
        key = default;
        var isFound = false;
        foreach (var name in Names(offered))
        {
            if (!IsBelow(KeyPrefix, name))
            {
                continue;
            }

            if (isFound)
            {
                return false;
            }

            isFound = true;
            key = name.AsSpan(KeyPrefix.Length);
        }

        return true;
    }

    /// <summary>
    /// The subprotocols to forward to the provider. Those that hold the API key, the organization or the project are removed. Null: none remain.
    /// </summary>
    /// <returns>False if the value is not a list of names, or if one of the remaining names contains a project key.</returns>
    public static bool TryClean(StringValues offered, out string? cleaned)
    {
        cleaned = null;
        var names = new List<string>();
        foreach (var name in Names(offered))
        {
            if (name.AsSpan().ContainsAnyExcept(NameCharacters))
            {
                return false;
            }

            if (Array.Exists(OfHeaders, prefix => IsBelow(prefix, name)))
            {
                continue;
            }

            if (ProjectKey.IsWithin(name))
            {
                return false;
            }

            names.Add(name);
        }

        cleaned = names.Count == 0 ? null : string.Join(", ", names);
        return true;
    }

    internal static bool HaveKey(StringValues offered) => Names(offered).Any(name => IsBelow(KeyPrefix, name));

    private static IEnumerable<string> Names(StringValues offered) =>
        offered.SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private static bool IsBelow(string prefix, string name) => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase);
}
