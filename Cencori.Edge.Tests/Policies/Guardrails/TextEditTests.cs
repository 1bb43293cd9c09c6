using Cencori.Edge.Screening.Guardrails;

namespace Cencori.Edge.Tests.Policies.Guardrails;

/// <summary>Changes by several guardrails to one text.</summary>
public sealed class TextEditTests
{
    [Fact]
    public void Separate_changes_both_apply_and_overlapping_changes_redact_the_whole_range()
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
    public void Applying_the_change_between_two_texts_gives_the_second_text()
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
