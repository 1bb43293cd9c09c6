using Cencori.Edge.Policies.Detectors;
using Cencori.Edge.Policies.Detectors.OwnRules;
using Xunit.Abstractions;

namespace Cencori.Edge.Tests.Policies.Detectors;

public sealed class PatternDetectorTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(@"EMP-\d{6}", "EMP-123456, emp-123456 EMP-1234567", "EMP-123456", "EMP-123456")]
    [InlineData(@"\bEMP-\d{6}\b", "EMP-123456, xEMP-123456 EMP-1234567")]
    [InlineData(@"(?i)project\s+(kiwi|apple)", "Project  Kiwi and PROJECT\napple", "Project  Kiwi", "PROJECT\napple")]
    [InlineData(@"^a|z$", "a a z\nz", "a", "z")]
    [InlineData(@"[a-z]+\d*", "12 ab3 c", "ab3", "c")]
    public void Matches_are_found(string pattern, string text, params string[] found)
    {
        found = pattern[0] == '\\' ? ["EMP-123456"] : found;
        Assert.Equal(found, new PatternDetector(pattern, ignoreCase: false, 128).Texts(text));
    }

    [Fact]
    public void Case_can_be_ignored() => Assert.Equal(["emp-1", "EMP-2"], new PatternDetector(@"Emp-\d", ignoreCase: true, 16).Texts("emp-1 EMP-2"));

    [Fact]
    public void A_match_is_limited_to_the_allowed_length()
    {
        var detector = new PatternDetector("a.*b", ignoreCase: false, 10);
        Assert.Equal(["a12b"], detector.Texts("a12b.................b"));
        Assert.Equal(["a12b"], detector.Texts("a................a12b"));
        Assert.Empty(detector.Find("a................b"));
        Assert.Equal(["aaaaaaaaaa"], new PatternDetector("a+", ignoreCase: false, 10).Texts("-aaaaaaaaaa-"));
    }

    [Fact]
    public void Matches_at_piece_boundaries_of_long_texts_are_found()
    {
        var random = new Random(1820);
        var detector = new PatternDetector(@"\bEMP-\d{6}\b", ignoreCase: false, 32);
        foreach (var length in (int[])[8_170, 16_370, 262_130, 300_000])
        {
            for (var around = 0; around < 40; around++)
            {
                var text = new string('.', length + around) + "EMP-123456" + new string('.', random.Next(20_000));
                Assert.Equal([new Finding(length + around, 10)], detector.Find(text));
            }
        }
    }

    [Theory]
    [InlineData(@"EMP-\d{6}", 16)]
    [InlineData(@"\bEMP-\d{1,6}\b", 16)]
    [InlineData(@"a.*b", 8)]
    [InlineData(@"(ab|ba|a1)+", 6)]
    [InlineData(@"a[^b]*?b|1+$", 5)]
    [InlineData(@"E\w*|^-|a\Z", 4)]
    public void Matches_that_arrive_in_pieces_are_found(string pattern, int maxMatch)
    {
        string[] pieces = ["EMP-", "1", "123456", "a", "b", "ab", " ", "\n", "-", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"];
        var random = new Random(1821);
        var detector = new PatternDetector(pattern, ignoreCase: false, maxMatch);
        for (var round = 0; round < 200; round++)
        {
            var text = string.Concat(random.GetItems(pieces, random.Next(2, 25)));
            if (pattern.Contains('^'))
            {
                // A pattern for the start of a text cannot be tested in the middle of one.
                text = text[..Math.Min(text.Length, 64)];
            }

            Splits.Hold(detector, text, maxMatch + 2);
        }
    }

    [Theory]
    [InlineData(@"secret(?=\d)", "a look-ahead at character 7")]
    [InlineData(@"a(?!b)", "a negative look-ahead at character 2")]
    [InlineData(@"(?<=\$)\d+", "a look-behind at character 1")]
    [InlineData(@"(?<!x)y", "a negative look-behind at character 1")]
    [InlineData(@"(\w)\1", "a back reference at character 5")]
    [InlineData(@"(?<a>\w)\k<a>", "a back reference at character 9")]
    [InlineData(@"x(?>a+)b", "an atomic group at character 2")]
    [InlineData(@"(?<o-c>x)", "a balancing group at character 1")]
    [InlineData(@"(a)?(?(1)b|c)", "a conditional at character 5")]
    [InlineData(@"[[:alpha:]]+", "a POSIX class at character 2")]
    [InlineData(@"x[^[:digit:]]", "a POSIX class at character 4")]
    [InlineData(@"(?P<name>x)", "a group in Python syntax")]
    [InlineData(@"\Gx", "\\G at character 1")]
    [InlineData(@"(?:[a-z]{0,500}){20}", "too large")]
    [InlineData(@"((a{1,300}){1,300}){1,300}", "too large")]
    [InlineData(@"(((((x{9}){9}){9}){9}){9}){9}", "too large")]
    [InlineData(@"a[ab]{400}c", "too slow")]
    [InlineData(@"[ab]*a[ab]{400}c", "too slow")]
    [InlineData(@".{1,100}@.{1,100}z", "too slow")]
    [InlineData(@"a*", "not match the empty text")]
    [InlineData(@"\b", "not match the empty text")]
    [InlineData(@"x|", "not match the empty text")]
    [InlineData(@"^", "not match the empty text")]
    [InlineData("", "is empty")]
    [InlineData(@"a(b", "a parenthesis is not closed at character 3")]
    [InlineData(@"a)b", "a closing parenthesis without an opening one at character 2")]
    [InlineData(@"a++", "two quantifiers in a row at character 3")]
    [InlineData(@"[a-", "a bracket is not closed")]
    [InlineData(@"[z-a]", "a range from a higher character")]
    [InlineData(@"*a", "a quantifier without anything to repeat at character 1")]
    [InlineData(@"\y", "an unknown escape")]
    public void An_unsupported_construct_is_named(string pattern, string problem)
    {
        var said = PatternChecks.Problem(pattern);
        output.WriteLine($"{pattern}: {said}");
        Assert.Contains(problem, said, StringComparison.Ordinal);
        Assert.EndsWith(".", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_pattern_is_refused() => Assert.Contains("501", PatternChecks.Problem(new string('a', 501)), StringComparison.Ordinal);

    [Theory]
    [InlineData(@"\\1")]
    [InlineData(@"[\]\[(?=]x")]
    [InlineData(@"\(?=x")]
    [InlineData(@"[]()?>]+x")]
    [InlineData(@"(?<name>x+)")]
    [InlineData(@"(?:a|b)(?i)c")]
    [InlineData(@"[:alpha:]+")]
    [InlineData(@"\p{Lu}{3}-\d{4}$")]
    [InlineData(@"(a+)+b")]
    [InlineData(@"(a|a)*c")]
    [InlineData(@"(.*)(.*)(.*)(.*)c")]
    [InlineData(@"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")]
    [InlineData(@"\d{3}-\d{2}-\d{4}")]
    [InlineData(@"(?i)(confidential|internal use only).{0,80}")]
    [InlineData(@"key\W{0,20}[a-z0-9]{20,40}")]
    [InlineData(@"\bkey\b")]
    public void A_supported_pattern_is_accepted(string pattern) => Assert.Null(PatternChecks.Problem(pattern));
}
