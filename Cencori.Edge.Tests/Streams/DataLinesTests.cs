using System.Text;
using Cencori.Edge.Streams;
using CsCheck;

namespace Cencori.Edge.Tests.Streams;

public sealed class DataLinesTests
{
    private static readonly Gen<(string Line, bool IsData)> Line = Gen.OneOfConst(
        ("data: {}", true), ("data:x", true), ("data: [DONE]", true), ("data:  \t a", true),
        ("data:", false), ("data: ", false), ("data", false), (": data: x", false), ("event: data:x", false), ("id: 1", false), ("datax: 1", false), (" data: x", false), ("", false));

    [Fact]
    public void Data_lines_are_found_wherever_the_stream_is_cut() =>
        Gen.Select(Gen.Select(Line, Gen.OneOfConst("\n", "\r", "\r\n")).Array[0, 12], Gen.Int[1, 40]).Sample((lines, piece) =>
        {
            var data = default(DataLines);
            var areThere = false;
            foreach (var bytes in Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line.Item1.Line + line.Item2))).Chunk(piece))
            {
                areThere |= data.ContainsData(bytes);
            }

            Assert.Equal(lines.Any(line => line.Item1.IsData), areThere);

            // Earlier bytes make no difference to the next line.
            if (lines.Length > 0)
            {
                Assert.True(data.ContainsData("data: 1"u8));
                Assert.True(data.ContainsData("2"u8));
                Assert.False(data.ContainsData("\n: comment"u8));
                Assert.False(data.ContainsData("data: 1\n"u8));
            }
        });
}
