using Cencori.Edge.Egress;
using Microsoft.AspNetCore.Http;

namespace Cencori.Edge.Tests.Egress;

public class LoopMarkTests
{
    private readonly LoopMark _mark = new();

    [Fact]
    public void An_edge_recognises_only_requests_that_it_has_forwarded_itself()
    {
        var other = new LoopMark();
        var first = _mark.Next(new HeaderDictionary());
        var second = other.Next(Headers(first));

        Assert.Equal($"{_mark.Id},{other.Id}", second);
        Assert.True(_mark.IsLoop(Headers(first)) && _mark.IsLoop(Headers(second)) && other.IsLoop(Headers(second)));
        Assert.False(other.IsLoop(Headers(first)) || _mark.IsLoop(new HeaderDictionary()));
    }

    [Fact]
    public void A_chain_of_too_many_edges_is_a_loop()
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
    public void Text_that_is_not_an_id_is_not_forwarded(string text) => Assert.Equal(_mark.Id, _mark.Next(Headers(text)));

    [Fact]
    public void The_forwarded_header_stays_short_for_any_input() =>
        Assert.InRange(_mark.Next(Headers(string.Join(',', Enumerable.Repeat("0123456789abcdef", 10_000)))).Length, 1, (LoopMark.MaxEdges + 1) * 17);

    private static HeaderDictionary Headers(string value) => new() { [LoopMark.HeaderName] = value };
}
