using System.Buffers;
using Microsoft.Extensions.Primitives;

namespace Cencori.Edge.Keys;

/// <summary>
/// The subprotocols that a WebSocket offers. Pages cannot set headers on one, so clients of OpenAI put there what others put in
/// headers, the API key among it.
/// </summary>
public static class Subprotocols
{
    public const string KeyPrefix = "openai-insecure-api-key.";

    private static readonly string[] OfHeaders = [KeyPrefix, "openai-organization.", "openai-project."];

    // RFC 9110, 5.6.2.
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>The key among them; empty where there is none. False where there is more than one, as with a repeated header.</summary>
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
    /// Those that a provider may see: without what would be no provider's to see as a header either. Null: none are left.
    /// </summary>
    /// <returns>False where they are no list of names, or a key stands elsewhere in it.</returns>
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
