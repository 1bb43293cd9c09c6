using Cencori.Edge.Exchanges;
using Microsoft.AspNetCore.Http;

namespace Cencori.Edge.Tests.Exchanges;

/// <summary>Followers are notified when an exchange is over.</summary>
public sealed class FollowersTests
{
    [Fact]
    public void Each_follower_is_notified_once_even_if_another_throws()
    {
        var exchange = new Exchange(new DefaultHttpContext(), TimeProvider.System);
        Teller[] tellers = [new(Throws: false), new(Throws: true), new(Throws: false)];
        foreach (var teller in tellers)
        {
            exchange.Follow(teller);
        }

        Assert.Throws<InvalidOperationException>(() => exchange.Follower!.Ended(isDelivered: true));

        Assert.All(tellers, teller => Assert.Equal([true], teller.Told));
    }

    private sealed record Teller(bool Throws) : IExchangeFollower
    {
        public List<bool> Told { get; } = [];

        public void Ended(bool isGood)
        {
            Told.Add(isGood);
            if (Throws)
            {
                throw new InvalidOperationException("The follower fails.");
            }
        }
    }
}
