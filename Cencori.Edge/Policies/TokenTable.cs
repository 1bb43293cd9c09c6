using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Cencori.Edge.Policies;

/// <summary>
/// Holds the values that were replaced in one request, to restore them in its response. A value has the same placeholder in every request of a project, so a
/// conversation that is sent again has identical texts. The table exists only in memory, until the request ends.
/// </summary>
public sealed class TokenTable(byte[] key, string projectId)
{
    /// <summary>Length of the longest placeholder, in characters.</summary>
    public const int Longest = 40;

    private const int UsualLetters = 6;

    // Letters and digits of placeholders. Characters that look alike are left out.
    private const string Alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>The characters that the last part of a placeholder can have: the part <c>h3k9x2</c> in <c>[EMAIL_h3k9x2]</c>.</summary>
    internal static SearchValues<char> Letters { get; } = SearchValues.Create(Alphabet);

    /// <summary>The replaced values; the key is the placeholder.</summary>
    internal Dictionary<string, string> Values => _values;

    /// <returns>The value. Null when the text is not a placeholder of this request.</returns>
    internal string? Find(ReadOnlySpan<char> placeholder) => _values.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(placeholder, out var value) ? value : null;

    /// <summary>Returns the placeholder for a value, such as <c>[EMAIL_h3k9x2]</c>.</summary>
    /// <param name="rule">The rule that found the value.</param>
    /// <param name="value">The value to restore.</param>
    public string Add(PolicyRule rule, string value)
    {
        // The hash includes the project: other projects cannot detect that two placeholders have the same value.
        var hash = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{projectId}\0{rule.Mask}\0{value}"));
        var length = UsualLetters;
        string placeholder;
        do
        {
            placeholder = $"{rule.Mask[..^1]}_{Text(hash, length++)}]";
        }
        while (_values.TryGetValue(placeholder, out var other) && other != value);
        _values[placeholder] = value;
        return placeholder;
    }

    private static string Text(byte[] hash, int length) => string.Create(length, hash, static (letters, hash) =>
    {
        var number = BinaryPrimitives.ReadUInt128LittleEndian(hash);
        for (var i = 0; i < letters.Length; i++)
        {
            (number, var letter) = UInt128.DivRem(number, (UInt128)Alphabet.Length);
            letters[i] = Alphabet[(int)letter];
        }
    });
}
