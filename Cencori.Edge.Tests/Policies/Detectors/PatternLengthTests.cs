using Cencori.Edge.Policies.Detectors.OwnRules;

namespace Cencori.Edge.Tests.Policies.Detectors;

public sealed class PatternLengthTests
{
    [Theory]
    [InlineData("abc", 3)]
    [InlineData("[0-9]{200}", 200)]
    [InlineData(@"^\d{16,19}?\b$", 16)]
    [InlineData("ab?c*d+?[^x]", 3)]
    [InlineData("a{,5}", 5)]
    [InlineData("(ab){3}", 0)]
    [InlineData("a|bc", 0)]
    [InlineData(@"\u0041\p{L}", 0)]
    [InlineData(@"[\]]x", 0)]
    [InlineData("[]a]bc", 3)]
    public void The_shortest_match_length_is_computed(string pattern, int min) => Assert.Equal(min, PatternLength.MinLength(pattern));
}
