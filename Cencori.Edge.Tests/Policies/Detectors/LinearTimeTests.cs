using Xunit.Sdk;

namespace Cencori.Edge.Tests.Policies.Detectors;

public sealed class LinearTimeTests
{
    private static readonly string Piece = new('a', 300);

    [Fact]
    public void Work_that_reads_to_the_end_for_each_piece_is_refused_although_it_reads_fast() =>
        Assert.ThrowsAny<XunitException>(() => LinearTime.Verify(Piece, text =>
        {
            for (var at = 0; at < text.Length; at += Piece.Length)
            {
                Assert.Equal(-1, text.AsSpan(at).IndexOf('\0'));
            }
        }));

    [Fact]
    public void Work_that_reads_each_character_a_few_times_is_accepted() =>
        Assert.True(LinearTime.Verify(Piece, text =>
        {
            for (var at = 0; at < text.Length; at++)
            {
                Assert.Equal(-1, text.AsSpan(at, Math.Min(50, text.Length - at)).IndexOf('\0'));
            }
        }) > TimeSpan.Zero);
}
