using System.Net;
using System.Net.Sockets;
using Cencori.Edge.Admin.SignIn;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Dashboard.SignIn;

/// <summary>
/// Limits the requests to the sign-in provider that callers can cause without signing in; otherwise the provider might block the edge. The limits are
/// failed or unfinished sign-ins per address and minute, and concurrent requests.
/// </summary>
internal sealed class OpenIdThrottle(TimeProvider time)
{
    /// <summary>Limit per IP address, or per IPv6 network. Successful sign-ins do not count.</summary>
    public const int MaxOfOne = 60;

    /// <summary>Maximum concurrent requests to the provider.</summary>
    public const int MaxAtOnce = 16;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    // Maximum counters per network size. Beyond it the enclosing network is counted, so the owner of a large network cannot use up counters of others.
    private const int MaxNetworks = 10_000;

    private static readonly int[] SizesOfIPv6 = [64, 48, 32];
    private static readonly int[] SizesOfIPv4 = [32, 24, 16];

    private readonly Lock _lock = new();
    private readonly Dictionary<int, Dictionary<IPAddress, int>> _counts = SizesOfIPv6.Concat(SizesOfIPv4).Distinct().ToDictionary(size => size, _ => new Dictionary<IPAddress, int>());
    private long _began = time.GetTimestamp();
    private int _atOnce;

    /// <summary>Counts a request that leads to the provider. Call <see cref="Leave"/> afterwards.</summary>
    /// <returns>Null: allowed. Otherwise the refusal.</returns>
    public EdgeError? Enter(IPAddress? address)
    {
        lock (_lock)
        {
            if (time.GetElapsedTime(_began) >= Window)
            {
                foreach (var size in _counts.Values)
                {
                    size.Clear();
                }

                _began = time.GetTimestamp();
            }

            var (counts, network) = CountOf(address);
            var count = counts.GetValueOrDefault(network);
            if (count >= MaxOfOne)
            {
                return Refusal("There were too many sign-ins from this address. Try again in a minute.", Window - time.GetElapsedTime(_began));
            }

            if (_atOnce >= MaxAtOnce)
            {
                return Refusal("Too many people sign in at the moment. Try again in a few seconds.", TimeSpan.FromSeconds(5));
            }

            counts[network] = count + 1;
            _atOnce++;
            return null;
        }
    }

    /// <param name="address">The same address as for <see cref="Enter"/>.</param>
    /// <param name="hasSucceeded">True: both requests of this sign-in stop counting.</param>
    public void Leave(IPAddress? address, bool hasSucceeded)
    {
        lock (_lock)
        {
            _atOnce--;
            var (counts, network) = CountOf(address);
            if (hasSucceeded && counts.TryGetValue(network, out var count))
            {
                counts[network] = Math.Max(0, count - 2);
            }
        }
    }

    // Uses the smallest network that has a counter or space for a new one.
    private (Dictionary<IPAddress, int> Counts, IPAddress Network) CountOf(IPAddress? address)
    {
        var own = TokenSignIn.NetworkOf(address);
        foreach (var size in own.AddressFamily == AddressFamily.InterNetworkV6 ? SizesOfIPv6 : SizesOfIPv4)
        {
            var (counts, network) = (_counts[size], Around(own, size));
            if (counts.Count < MaxNetworks || counts.ContainsKey(network))
            {
                return (counts, network);
            }
        }

        return (_counts[SizesOfIPv6[0]], IPAddress.None);
    }

    private static IPAddress Around(IPAddress address, int size)
    {
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(size / 8).Clear();
        return new IPAddress(bytes);
    }

    private static EdgeError Refusal(string message, TimeSpan wait) => new(ErrorKind.RateLimitExceeded, message) { RetryAfter = wait };
}
