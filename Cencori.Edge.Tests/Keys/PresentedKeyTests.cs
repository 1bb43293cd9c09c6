using Cencori.Edge.Keys;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Cencori.Edge.Tests.Keys;

public class PresentedKeyTests
{
    private static readonly string[] Sentences = ["several headers", "not valid", "required"];

    private static readonly Gen<string> Text = Gen.String[Gen.Char["abcXYZ019_-"], 1, 80];

    private static readonly Gen<string> Space = Gen.String[Gen.Char[" \t"], 0, 4];

    private static readonly Gen<string> Scheme = Gen.OneOfConst("Bearer", "bearer", "BEARER", "bEaReR");

    [Fact]
    public void The_Cencori_header_is_trimmed() => Gen.Select(Text, Space, Space).Sample((key, before, after) =>
        Assert.Equal(key, Read(before + key + after, default)));

    [Fact]
    public void A_bearer_key_is_found_in_any_case_of_the_scheme() => Gen.Select(Text, Scheme, Space).Sample((key, scheme, space) =>
        Assert.Equal(key, Read(default, $"{space}{scheme} {space}{key}{space}")));

    [Fact]
    public void Two_equal_keys_count_as_one_and_two_different_keys_as_none() => Gen.Select(Text, Text, Scheme).Sample((one, other, scheme) =>
    {
        Assert.Equal(one, Read(one, $"{scheme} {one}"));
        Assert.Equal(one == other ? one : null, Read(one, $"{scheme} {other}"));
    });

    [Fact]
    public void A_repeated_header_is_no_key_even_with_equal_values() => Text.Sample(key =>
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
    public void Another_scheme_or_an_empty_one_presents_no_key(string authorization)
    {
        Assert.Null(Read(default, authorization));
        Assert.Equal("abc", Read("abc", authorization));
    }

    [Fact]
    public void All_headers_with_a_key_must_have_the_same_one() =>
        Gen.Select(Gen.OneOfConst("", " ", "one", "other", " one "), Gen.OneOfConst(-1, 0, 1, 2, 3, 4)).Array[1, 6].Sample(shown =>
        {
            var headers = new HeaderDictionary();
            foreach (var (value, header) in shown)
            {
                var (name, text) = header < 0 ? ("Authorization", "Bearer " + value)
                    : header < PresentedKey.HeaderNames.Length ? (PresentedKey.HeaderNames[header], value)
                    : ("x-another", "another");
                headers[name] = text;
            }

            var keys = headers.Where(header => header.Key != "x-another").Select(header => header.Value.ToString().Replace("Bearer", "").Trim()).Where(key => key.Length > 0).Distinct().ToList();
            var isRead = PresentedKey.TryRead(headers, out var read);
            Assert.Equal(keys.Count == 1 ? keys[0] : null, isRead ? read.ToString() : null);
            Assert.Equal(
                keys.Count > 1 ? "several headers" : keys.Count == 1 || headers.ContainsKey("Authorization") ? "not valid" : "required",
                Sentences.Single(words => PresentedKey.Refusal(headers).Message.Contains(words, StringComparison.Ordinal)));
        });

    [Fact]
    public void A_blank_Cencori_header_leaves_the_bearer_key_valid() => Assert.Equal("abc", Read("  ", "Bearer abc"));

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
