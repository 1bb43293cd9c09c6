using Cencori.Edge.Dashboard.Prompts;
using CsCheck;

namespace Cencori.Edge.Tests.Dashboard;

public sealed class LineDiffProperties
{
    private static readonly Gen<string> Texts = Gen.OneOfConst("a", "b", "", "c d", "<b>").Array[0, 12].Select(lines => string.Join('\n', lines));

    [Fact]
    public void Kept_and_removed_lines_give_the_old_text_and_kept_and_added_lines_the_new_text() => Gen.Select(Texts, Texts).Sample((before, after) =>
    {
        var lines = LineDiff.Of(before, after);

        Assert.Equal(before, string.Join('\n', lines.Where(line => line.Old is not null).Select(line => line.Text)));
        Assert.Equal(after, string.Join('\n', lines.Where(line => line.Now is not null).Select(line => line.Text)));
        Assert.Equal(Enumerable.Range(1, lines.Count(line => line.Old is not null)), lines.Where(line => line.Old is not null).Select(line => line.Old!.Value));
        Assert.Equal(Enumerable.Range(1, lines.Count(line => line.Now is not null)), lines.Where(line => line.Now is not null).Select(line => line.Now!.Value));
    });

    [Fact]
    public void The_same_text_has_no_changes() => Texts.Sample(text => Assert.All(LineDiff.Of(text, text), line => Assert.True(line is { Old: not null, Now: not null })));

    [Fact]
    public void One_added_line_is_one_difference() =>
        Assert.Equal([(1, 1), (null, 2), (2, 3)], LineDiff.Of("a\nc", "a\r\nb\r\nc").Select(line => (line.Old, line.Now)));

    [Fact]
    public void Texts_too_long_to_compare_are_replaced_as_a_whole()
    {
        var (before, after) = (string.Join('\n', Enumerable.Range(0, 32_000).Select(i => $"{i % 7}")), string.Join('\n', Enumerable.Range(0, 32_000).Select(i => $"{i % 5}")));

        Assert.InRange(LineDiff.Of(before, after).Count, 32_000, 64_000);
    }
}
