using Cencori.Edge.Screening.Guardrails;

namespace Cencori.Edge.Tests.Policies.Guardrails;

/// <summary>Where streamed texts are cut, and which part of a change applies to a part of the text.</summary>
public sealed class TextWindowTests
{
    [Theory]
    [InlineData("One. Two three. Four", 15)]
    [InlineData("One two three four.", 14)]
    [InlineData("One two three four\nfive", 19)]
    [InlineData("数字数字。数字数字数。字", 11)]
    [InlineData("Oooooooooooooooooooooone", 24)]
    [InlineData("One. Twooooooooooooooooo", 24)]
    public void A_text_is_cut_after_a_sentence_or_word_in_its_second_half(string text, int expected) => Assert.Equal(expected, TextWindow.CutOf(text));

    [Fact]
    public void No_text_is_cut_inside_a_surrogate_pair() => Assert.Equal(20, TextWindow.CutOf(new string('o', 20) + '\uD83E'));

    [Fact]
    public void A_change_that_spans_context_and_part_changes_only_the_part()
    {
        var random = new Random(11);
        for (var round = 0; round < 2_000; round++)
        {
            string Text() => string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => (string[])["Ann ", "and ", "Bob. ", "an ", "🦅 "]).Select(words => words[random.Next(words.Length)]));
            static string Rewritten(string text) => text.Replace("Ann", "somebody", StringComparison.Ordinal).Replace("Bob", "", StringComparison.Ordinal);
            var (before, part) = (Text(), Text());
            var window = new TextWindow(null, before + part, before.Length);
            var edit = TextEdit.Between(before + part, Rewritten(before + part));
            Assert.Equal(Rewritten(part) != part, edit.Length + edit.With.Length > 0 && window.TryChange(edit));
            Assert.Equal(Rewritten(part), window.After);
        }
    }

    [Fact]
    public void A_mask_that_begins_before_a_part_moves_to_the_start_of_the_part()
    {
        var window = new TextWindow(null, "My name is Ann Miller.", "My name is Ann ".Length);
        Assert.True(window.TryChange(new TextEdit(11, 10, "[PERSON]", IsMask: true)));
        Assert.False(window.TryChange(new TextEdit(0, 10, "[X]", IsMask: true)));
        Assert.Equal("[PERSON].", window.After);
    }
}
