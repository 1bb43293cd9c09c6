using Cencori.Edge.Keys;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Cencori.Edge.Tests.Keys;

public class PresentedKeyTests
{
    private static readonly Gen<string> Text = Gen.String[Gen.Char["abcXYZ019_-"], 1, 80];

    private static readonly Gen<string> Space = Gen.String[Gen.Char[" \t"], 0, 4];

    private static readonly Gen<string> Scheme = Gen.OneOfConst("Bearer", "bearer", "BEARER", "bEaReR");

    [Fact]
    public void The_own_header_is_trimmed() => Gen.Select(Text, Space, Space).Sample((key, before, after) =>
        Assert.Equal(key, Read(before + key + after, default)));

    [Fact]
    public void A_bearer_key_is_found_whatever_the_case_of_the_scheme() => Gen.Select(Text, Scheme, Space).Sample((key, scheme, space) =>
        Assert.Equal(key, Read(default, $"{scheme} {space}{key}{space}")));

    [Fact]
    public void Two_equal_keys_are_one_and_two_different_keys_are_none() => Gen.Select(Text, Text, Scheme).Sample((one, other, scheme) =>
    {
        Assert.Equal(one, Read(one, $"{scheme} {one}"));
        Assert.Equal(one == other ? one : null, Read(one, $"{scheme} {other}"));
    });

    [Fact]
    public void A_repeated_header_is_no_key_even_when_it_repeats_the_same() => Text.Sample(key =>
    {
        Assert.Null(Read(new([key, key]), default));
        Assert.Null(Read(default, new(["Bearer " + key, "Bearer " + key])));
        Assert.Null(Read(key, new(["Basic eA==", "Bearer " + key])));
    });

    [Theory]
    [InlineData("Basic dXNlcjpwYXNz")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearerabc")]
    [InlineData("")]
    public void Another_scheme_or_an_empty_one_shows_no_key(string authorization)
    {
        Assert.Null(Read(default, authorization));
        Assert.Equal("abc", Read("abc", authorization));
    }

    [Fact]
    public void A_blank_own_header_leaves_it_to_the_bearer() => Assert.Equal("abc", Read("  ", "Bearer abc"));

    private static string? Read(StringValues own, StringValues authorization)
    {
        var headers = new HeaderDictionary();
        if (own.Count > 0)
        {
            headers[PresentedKey.HeaderName] = own;
        }

        if (authorization.Count > 0)
        {
            headers["Authorization"] = authorization;
        }

        return PresentedKey.TryRead(headers, out var key) ? key.ToString() : null;
    }
}
