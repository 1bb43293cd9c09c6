using Cencori.Edge.Egress;
using Microsoft.AspNetCore.Http;

namespace Cencori.Edge.Tests.Egress;

public class LoopMarkTests
{
    private readonly LoopMark _mark = new();

    [Fact]
    public void An_edge_knows_what_it_has_forwarded_and_not_what_others_have()
    {
        var other = new LoopMark();
        var first = _mark.Next(new HeaderDictionary());
        var second = other.Next(Headers(first));

        Assert.Equal($"{_mark.Id},{other.Id}", second);
        Assert.True(_mark.IsLoop(Headers(first)) && _mark.IsLoop(Headers(second)) && other.IsLoop(Headers(second)));
        Assert.False(other.IsLoop(Headers(first)) || _mark.IsLoop(new HeaderDictionary()));
    }

    [Fact]
    public void A_way_through_many_edges_ends()
    {
        var way = "";
        for (var edges = 0; edges < LoopMark.MaxEdges; edges++)
        {
            Assert.False(_mark.IsLoop(Headers(way)));
            way = new LoopMark().Next(Headers(way));
        }

        Assert.True(_mark.IsLoop(Headers(way)));
    }

    [Theory]
    [InlineData("sk-a-secret-of-somebody")]
    [InlineData("0123456789ABCDEF")]
    [InlineData("0123456789abcdef0")]
    [InlineData(",,,,,,,,,,,,")]
    [InlineData("")]
    public void What_is_no_id_goes_no_further(string text) => Assert.Equal(_mark.Id, _mark.Next(Headers(text)));

    [Fact]
    public void However_much_a_caller_sends_little_is_sent_on() =>
        Assert.InRange(_mark.Next(Headers(string.Join(',', Enumerable.Repeat("0123456789abcdef", 10_000)))).Length, 1, (LoopMark.MaxEdges + 1) * 17);

    private static HeaderDictionary Headers(string value) => new() { [LoopMark.HeaderName] = value };
}
