using Cencori.Edge.Screening.Guardrails;

namespace Cencori.Edge.Tests.Policies.Guardrails;

/// <summary>What several guardrails change in one text.</summary>
public sealed class TextEditTests
{
    [Fact]
    public void Changes_apart_hold_both_and_where_they_meet_nothing_is_left()
    {
        const string text = "Ann lives in Rome, card 4111.";
        var rewritten = TextEdit.Between(text, "X lives in Rome, card Y.");
        var person = new TextEdit(0, 3, "[PERSON]", IsMask: true);
        var place = new TextEdit(13, 4, "[LOCATION]", IsMask: true);

        Assert.Equal("X lives in Rome, card Y.", TextEdit.Apply(text, [rewritten]));
        Assert.Equal("[PERSON] lives in [LOCATION], card 4111.", TextEdit.Apply(text, [place, person]));
        Assert.Equal("[REDACTED].", TextEdit.Apply(text, [rewritten, place]));
        Assert.Equal("[FACT], card 4111.", TextEdit.Apply(text, [place, new TextEdit(0, 17, "[FACT]", IsMask: true), person]));
        Assert.Equal("X lives in Rome, card Y.", TextEdit.Apply(text, [rewritten, rewritten]));
    }

    [Fact]
    public void A_rewriting_is_what_it_says_whatever_the_texts_are()
    {
        var random = new Random(7);
        for (var round = 0; round < 2_000; round++)
        {
            string Text() => new([.. Enumerable.Range(0, random.Next(8)).Select(_ => "ab\uD83D\uDE00"[random.Next(4)])]);
            var (before, after) = (Text(), Text());
            Assert.Equal(after, TextEdit.Apply(before, [TextEdit.Between(before, after)]));
        }
    }
}
