using Cencori.Edge.Records.Payloads;

namespace Cencori.Edge.Tests.Records.Payloads;

public sealed class PayloadCopyTests
{
    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(PayloadCopy.MaxBytes, false)]
    [InlineData(PayloadCopy.MaxBytes + 1, true)]
    [InlineData(1_000_000, true)]
    public void The_beginning_is_kept_for_pieces_of_any_size(int length, bool isTruncated)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        foreach (var piece in (int[])[1_000, 4_096, 70_000])
        {
            var copy = new PayloadCopy();
            copy.SetRequest(bytes);
            copy.Begin(isText: true);
            foreach (var read in bytes.Chunk(piece))
            {
                copy.Read(read);
            }

            var kept = bytes[..Math.Min(length, PayloadCopy.MaxBytes)];
            Assert.Equal(kept, copy.Request);
            Assert.Equal(kept, copy.Response.ToArray());
            Assert.Equal((isTruncated, isTruncated), (copy.IsRequestTruncated, copy.IsResponseTruncated));
        }
    }

    [Fact]
    public void Binary_responses_are_not_kept_and_a_new_response_replaces_the_old()
    {
        var copy = new PayloadCopy();
        copy.Begin(isText: true);
        copy.Read(new byte[PayloadCopy.MaxBytes + 1]);
        copy.Begin(isText: true);
        copy.Read("second"u8);
        Assert.Equal(("second", false), (System.Text.Encoding.UTF8.GetString(copy.Response), copy.IsResponseTruncated));

        copy.Begin(isText: false);
        copy.Read("sound"u8);
        Assert.True(copy.Response.IsEmpty);
    }
}
