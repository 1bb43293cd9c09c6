using System.Buffers;
using System.Security.Cryptography;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Keys;

/// <summary>
/// The format of a project key: a prefix for type and environment, then 48 lower-case hexadecimal digits (24 random
/// bytes). A key with 192 random bits needs no slow hash.
/// </summary>
public static class ProjectKey
{
    private const int RandomBytes = 24;
    private const int RandomDigits = RandomBytes * 2;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private static readonly (string Prefix, KeyType Type, KeyEnvironment Environment)[] Forms =
    [
        ("csk_", KeyType.Secret, KeyEnvironment.Production),
        ("csk_test_", KeyType.Secret, KeyEnvironment.Test),
        ("cpk_", KeyType.Publishable, KeyEnvironment.Production),
        ("cpk_test_", KeyType.Publishable, KeyEnvironment.Test),
        ("cake_", KeyType.Agent, KeyEnvironment.Production),
    ];

    /// <summary>Length of the longest possible key, in characters.</summary>
    public const int MaxLength = 9 + RandomDigits;

    public static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        foreach (var (prefix, _, _) in Forms)
        {
            if (text.Length == prefix.Length + RandomDigits && text.StartsWith(prefix, StringComparison.Ordinal))
            {
                return !text[prefix.Length..].ContainsAnyExcept(HexDigits);
            }
        }

        return false;
    }

    /// <summary>Whether the text contains a key.</summary>
    public static bool IsWithin(ReadOnlySpan<char> text)
    {
        // Most texts are names of models, several for each record.
        if (text.Length <= RandomDigits)
        {
            return false;
        }

        foreach (var (prefix, _, _) in Forms)
        {
            for (var rest = text; rest.IndexOf(prefix, StringComparison.Ordinal) is >= 0 and var start; rest = rest[(start + prefix.Length)..])
            {
                var length = prefix.Length + RandomDigits;
                if (rest.Length - start >= length && IsWellFormed(rest.Slice(start, length)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>The prefix for keys of this kind. The prefix of an agent key does not tell its environment.</summary>
    public static string Prefix(KeyType type, KeyEnvironment environment) =>
        Array.Find(Forms, form => form.Type == type && (type == KeyType.Agent || form.Environment == environment)).Prefix;

    /// <summary>Generates a key. The edge stores only its hash, so the caller of this method must show the key to its owner.</summary>
    public static string Generate(string prefix) => prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>The part of a key that may be displayed: its prefix and four characters.</summary>
    public static string DisplayPrefix(string key) => key[..^(RandomDigits - 4)];
}
