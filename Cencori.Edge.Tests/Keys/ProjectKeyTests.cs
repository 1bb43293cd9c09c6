using System.Security.Cryptography;
using System.Text;
using Cencori.Edge.Keys;
using Cencori.Edge.Storage;
using CsCheck;

namespace Cencori.Edge.Tests.Keys;

public class ProjectKeyTests
{
    private static readonly string[] Prefixes = ["csk_", "csk_test_", "cpk_", "cpk_test_", "cake_"];

    private static readonly Gen<string> Digits = Gen.Char["0123456789abcdef"].Array[48].Select(digits => new string(digits));

    private static readonly Gen<string> Key = Gen.Select(Gen.OneOfConst(Prefixes), Digits, string.Concat);

    [Fact]
    public void Every_prefix_with_48_hex_digits_is_well_formed() => Key.Sample(key => Assert.True(ProjectKey.IsWellFormed(key)));

    [Fact]
    public void A_key_is_found_anywhere_in_a_text() =>
        Gen.Select(Gen.String[Gen.Char["csk_paet0f/?&é"], 0, 80], Key, Gen.String[Gen.Char["csk_paet0f/?&é"], 0, 80])
            .Sample((before, key, after) => Assert.True(ProjectKey.IsWithin(before + key + after)));

    [Fact]
    public void A_text_that_is_almost_a_key_is_not_found() =>
        Gen.Select(Gen.String[Gen.Char["csk_paet/?&é"], 0, 40], Gen.OneOfConst(Prefixes), Gen.String[Gen.Char["0123456789abcdef"], 0, 47], Gen.String[Gen.Char["/?&é"], 0, 60])
            .Sample((before, prefix, digits, after) => Assert.False(ProjectKey.IsWithin(before + prefix + digits + after)));

    [Fact]
    public void A_well_formed_key_has_a_prefix_and_48_lower_case_hex_digits() =>
        Gen.OneOf(Gen.String, Gen.Select(Gen.OneOfConst(Prefixes), Gen.String[Gen.Char["0123456789abcdefABCDEFg_ \0é"], 46, 50], string.Concat))
            .Sample(text => Assert.Equal(
                Prefixes.Any(prefix => text.StartsWith(prefix, StringComparison.Ordinal)
                    && text.Length == prefix.Length + 48
                    && text[prefix.Length..].All(c => c is >= '0' and <= '9' or >= 'a' and <= 'f')),
                ProjectKey.IsWellFormed(text)));

    [Fact]
    public void A_key_with_one_character_that_is_no_digit_is_not_well_formed() =>
        Gen.Select(Key, Gen.Int[0, 47], Gen.Char["ABCDEFg-_ \n\0é０"]).Sample((key, place, c) =>
        {
            var changed = key.ToCharArray();
            changed[^(place + 1)] = c;
            Assert.False(ProjectKey.IsWellFormed(changed));
        });

    [Fact]
    public void A_shortened_or_extended_key_is_not_well_formed() => Gen.Select(Key, Gen.Char).Sample((key, c) =>
    {
        Assert.False(ProjectKey.IsWellFormed(key.AsSpan()[..^1]));
        Assert.False(ProjectKey.IsWellFormed(key.AsSpan()[1..]));
        Assert.False(ProjectKey.IsWellFormed(key + c));
        Assert.False(ProjectKey.IsWellFormed(c + key));
    });

    [Theory]
    [InlineData(KeyType.Secret, KeyEnvironment.Production, "csk_")]
    [InlineData(KeyType.Secret, KeyEnvironment.Test, "csk_test_")]
    [InlineData(KeyType.Publishable, KeyEnvironment.Production, "cpk_")]
    [InlineData(KeyType.Publishable, KeyEnvironment.Test, "cpk_test_")]
    [InlineData(KeyType.Agent, KeyEnvironment.Production, "cake_")]
    [InlineData(KeyType.Agent, KeyEnvironment.Test, "cake_")]
    public void Each_type_and_environment_has_the_contracts_prefix(KeyType type, KeyEnvironment environment, string prefix) =>
        Assert.Equal(prefix, ProjectKey.Prefix(type, environment));

    [Fact]
    public void A_generated_key_is_well_formed_unique_and_within_the_maximum_length()
    {
        var keys = Prefixes.SelectMany(prefix => Enumerable.Range(0, 200).Select(_ => ProjectKey.Generate(prefix))).ToList();

        Assert.All(keys, key => Assert.True(ProjectKey.IsWellFormed(key) && key.Length <= ProjectKey.MaxLength));
        Assert.Equal(keys.Count, keys.Select(key => key[^48..]).Distinct().Count());
    }

    [Fact]
    public void The_display_prefix_shows_four_characters_after_the_prefix() => Key.Sample(key =>
    {
        var prefix = Prefixes.Single(prefix => key.StartsWith(prefix, StringComparison.Ordinal) && key.Length == prefix.Length + 48);
        Assert.Equal(key[..(prefix.Length + 4)], ProjectKey.DisplayPrefix(key));
    });

    [Fact]
    public void A_key_hash_is_its_SHA_256_and_survives_conversion_to_bytes() => Key.Sample(key =>
    {
        var hash = KeyHash.Of(key);
        Assert.Equal(SHA256.HashData(Encoding.ASCII.GetBytes(key)), hash.ToArray());
        Assert.Equal(hash, KeyHash.From(hash.ToArray()));
        Assert.Equal(hash.GetHashCode(), KeyHash.From(hash.ToArray()).GetHashCode());
    });
}
