using System.Net;
using Cencori.Edge.Admin.SignIn;
using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Admin;

/// <summary>Limits for wrong admin tokens at one edge.</summary>
public sealed class AdminTokenLockoutTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly AdminTokenLockout _tokens;

    public AdminTokenLockoutTests() => _tokens = new(_clock);

    [Fact]
    public async Task Five_wrong_tokens_in_a_minute_close_the_edge_to_their_address_until_the_first_is_a_minute_old()
    {
        for (var wrong = 0; wrong < AdminTokenLockout.MaxPerAddress; wrong++)
        {
            Assert.Equal(TimeSpan.Zero, await _tokens.CountAsync(AddressOf(1)));
            _clock.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(TimeSpan.FromSeconds(10), _tokens.LockOut(AddressOf(1)));
        Assert.Equal(TimeSpan.Zero, _tokens.LockOut(AddressOf(2)));
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.Zero, await _tokens.AdmitAsync(AddressOf(1)));
    }

    [Fact]
    public async Task Fifty_wrong_tokens_close_the_edge_to_addresses_without_an_earlier_correct_token()
    {
        await _tokens.AdmitAsync(AddressOf(1));
        for (var wrong = 0; wrong < AdminTokenLockout.MaxTotal; wrong++)
        {
            Assert.Equal(TimeSpan.Zero, await _tokens.CountAsync(AddressOf(100 + wrong)));
        }

        Assert.Equal(AdminTokenLockout.Window, await _tokens.AdmitAsync(AddressOf(2)));
        Assert.Equal(TimeSpan.Zero, await _tokens.AdmitAsync(AddressOf(1)));

        // A known address still has its own limit.
        for (var wrong = 0; wrong < AdminTokenLockout.MaxPerAddress; wrong++)
        {
            Assert.Equal(TimeSpan.Zero, await _tokens.CountAsync(AddressOf(1)));
        }

        Assert.Equal(AdminTokenLockout.Window, await _tokens.AdmitAsync(AddressOf(1)));
        _clock.Advance(AdminTokenLockout.Window);
        Assert.Equal(TimeSpan.Zero, await _tokens.AdmitAsync(AddressOf(2)));
    }

    [Fact]
    public void No_minute_exceeds_the_limits_in_any_order() =>
        Gen.Select(Gen.Int[1, 30], Gen.Int[0, 20_000]).Array[400].Sample(
            async guesses =>
            {
                var clock = new FakeTimeProvider();
                var tokens = new AdminTokenLockout(clock);
                var borne = new List<(int Address, DateTimeOffset At)>();
                foreach (var (address, wait) in guesses)
                {
                    clock.Advance(TimeSpan.FromMilliseconds(wait));
                    if (await tokens.CountAsync(AddressOf(address)) == TimeSpan.Zero)
                    {
                        borne.Add((address, clock.GetUtcNow()));
                    }

                    var minute = borne.Where(guess => clock.GetUtcNow() - guess.At < AdminTokenLockout.Window).ToList();
                    Assert.InRange(minute.Count, 0, AdminTokenLockout.MaxTotal);
                    Assert.All(minute.CountBy(guess => guess.Address), count => Assert.InRange(count.Value, 1, AdminTokenLockout.MaxPerAddress));
                }
            },
            iter: 20);

    private static IPAddress AddressOf(int number) => new([203, 0, 113, (byte)number]);
}
