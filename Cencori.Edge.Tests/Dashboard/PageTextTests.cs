using System.IO.Pipelines;
using System.Text;
using Cencori.Edge.Dashboard;
using CsCheck;

namespace Cencori.Edge.Tests.Dashboard;

public sealed class PageTextTests
{
    // With characters of one to four bytes, and texts longer than a chunk.
    private static readonly Gen<string> Written = Gen.OneOf(
        Gen.String[0, 40],
        Gen.OneOfConst("<td>", "é", "€", "😀", "\r\n", ""),
        Gen.Select(Gen.OneOfConst("a", "é", "€", "😀"), Gen.Int[1, 20_000], (letter, times) => string.Concat(Enumerable.Repeat(letter, times))));

    [Fact]
    public void The_bytes_equal_everything_that_was_written() => Written.Array[0, 12].Sample(
        parts =>
        {
            using var text = new PageText();
            foreach (var part in parts)
            {
                text.Write(part);
            }

            var expected = Encoding.UTF8.GetBytes(string.Concat(parts));
            using var copy = new MemoryStream();
            text.WriteTo(copy);
            Assert.Equal(expected.Length, text.Length);
            Assert.Equal(expected, copy.ToArray());
        },
        iter: 300);

    [Fact]
    public async Task Moved_text_is_released_and_split_surrogate_pairs_are_joined()
    {
        await using var text = new PageText();
        using var target = new MemoryStream();
        var pipe = PipeWriter.Create(target, new StreamPipeWriterOptions(leaveOpen: true));
        text.Write("first ");
        await text.MoveToAsync(pipe, CancellationToken.None);
        Assert.Equal(0, text.Length);
        foreach (var half in "😀 second")
        {
            text.Write(half);
        }

        await text.MoveToAsync(pipe, CancellationToken.None);
        await pipe.CompleteAsync();
        Assert.Equal("first 😀 second", Encoding.UTF8.GetString(target.ToArray()));
    }
}
