using System.Security.Cryptography;
using System.Text;

namespace Cencori.Edge.Policies;

/// <summary>Checks and derives ids of rules.</summary>
internal static class PolicyIds
{
    public const int Longest = 64;

    private const int HashBytes = 4;

    public static bool IsId(string id) => id.Length is > 0 and <= Longest && id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>Derives an id from a name: the name's letters and digits in lower case, and <c>_</c> in place of all other characters. A name
    /// without Latin letters gives <c>rule_</c> and part of the name's hash.</summary>
    public static string Of(string name)
    {
        var id = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                id.Append(char.ToLowerInvariant(c));
            }
            else if (id.Length > 0 && id[^1] != '_')
            {
                id.Append('_');
            }
        }

        var text = id.ToString().Trim('_');
        return text.Length == 0 ? $"rule_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, HashBytes))}" : text[..Math.Min(text.Length, Longest)];
    }
}
