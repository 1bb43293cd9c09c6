using Cencori.Edge.Metering;
using Cencori.Edge.Tests.Infrastructure;
using CsCheck;
using Microsoft.ML.Tokenizers;

namespace Cencori.Edge.Tests.Metering;

public sealed class TextTokensTests
{
    [Theory]
    [InlineData("")]
    [InlineData("Hello, world.")]
    [InlineData("🎈👩‍👩‍👧‍👦 né 漢字 𝔘𝔫𝔦")]
    public void Split_gives_one_whole_piece_per_token(string text)
    {
        AssertSplit(text);
    }

    [Fact]
    public void Split_holds_for_any_text()
    {
        Gen.OneOfConst("a", " ", "é", "漢", "🎈", "\u200d", "𝔘", "0", "\n").Array[0, 30].Sample(parts => AssertSplit(string.Concat(parts)), iter: 500);
    }

    [Fact]
    public void Count_of_long_prose_equals_the_tokenizers_count_of_the_whole()
    {
        var prose = string.Concat(Enumerable.Repeat("It's 1,234 degrees.\n\nNo?  Then  \"wait\" — l'été, 漢字; see https://a.example/b?c=d_e (x+y). ", 100));

        Assert.Equal(TiktokenTokenizer.CreateForEncoding("o200k_base").CountTokens(prose), TextTokens.Count(prose));
        AssertSplit(prose);
    }

    [Theory]
    [InlineData("a")]
    [InlineData(" ")]
    [InlineData("漢")]
    [InlineData("🎈")]
    public async Task Count_of_a_long_run_without_a_break_ends_soon(string unit)
    {
        var run = string.Concat(Enumerable.Repeat(unit, 100_000));

        var count = await Task.Run(() => TextTokens.Count(run)).WaitAsync(Eventually.Timeout, TimeProvider.System);

        Assert.InRange(count, 100, 400_000);
    }

    [Fact]
    public void Count_is_thread_safe()
    {
        var counts = new int[64];

        Parallel.For(0, counts.Length, i => counts[i] = TextTokens.Count("one two three four"));

        Assert.All(counts, count => Assert.Equal(4, count));
    }

    private static void AssertSplit(string text)
    {
        var pieces = TextTokens.Split(text);

        Assert.Equal(text, string.Concat(pieces));
        Assert.Equal(TextTokens.Count(text), pieces.Count);
        Assert.All(pieces, piece => Assert.False(piece.Length > 0 && (char.IsLowSurrogate(piece[0]) || char.IsHighSurrogate(piece[^1]))));
    }
}
