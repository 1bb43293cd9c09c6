using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Cencori.Edge.Policies;

/// <summary>
/// What was replaced in one request, to be put back into its response. The same value of a project has the same placeholder in every request, so that a conversation that is sent again is
/// the same again. It lives as long as the request, in memory, and goes nowhere else.
/// </summary>
public sealed class TokenTable(byte[] key, string projectId)
{
    /// <summary>Characters of the longest placeholder.</summary>
    public const int Longest = 40;

    private const int UsualLetters = 6;

    // Without those that look like others.
    private const string Alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>What stands behind the kind in a placeholder.</summary>
    internal static SearchValues<char> Letters { get; } = SearchValues.Create(Alphabet);

    /// <summary>By placeholder.</summary>
    internal Dictionary<string, string> Values => _values;

    /// <returns>Null: it is no placeholder of this request.</returns>
    internal string? Find(ReadOnlySpan<char> placeholder) => _values.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(placeholder, out var value) ? value : null;

    /// <summary>Gives a value its placeholder: <c>[EMAIL_h3k9x2]</c>.</summary>
    /// <param name="rule">Which has found it.</param>
    /// <param name="value">As it has to come back.</param>
    public string Add(PolicyRule rule, string value)
    {
        // A project's own: nobody else can tell whether two placeholders are of one value.
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
