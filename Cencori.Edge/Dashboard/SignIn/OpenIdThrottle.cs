using System.Net;
using System.Net.Sockets;
using Cencori.Edge.Admin.SignIn;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Dashboard.SignIn;

/// <summary>
/// Limits the requests to the OpenID provider that callers can cause without signing in, because the provider might block the edge. The limits are
/// failed or unfinished sign-ins per address and minute, and concurrent requests.
/// </summary>
internal sealed class OpenIdThrottle(TimeProvider time)
{
    /// <summary>Maximum failed or unfinished sign-ins per minute of one IPv4 address or one IPv6 network.</summary>
    public const int MaxPerAddress = 60;

    /// <summary>Maximum concurrent requests to the provider.</summary>
    public const int MaxAtOnce = 16;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    // Maximum number of counters for networks of one size. When they are used up, the next larger network is counted: an owner of many addresses must not use up all counters.
    private const int MaxNetworks = 10_000;

    private static readonly int[] SizesOfIPv6 = [64, 48, 32];
    private static readonly int[] SizesOfIPv4 = [32, 24, 16];

    private readonly Lock _lock = new();
    private readonly Dictionary<int, Dictionary<IPAddress, int>> _counts = SizesOfIPv6.Concat(SizesOfIPv4).Distinct().ToDictionary(size => size, _ => new Dictionary<IPAddress, int>());
    private long _began = time.GetTimestamp();
    private int _inProgress;

    /// <summary>Call before each request to the provider: counts the request for the caller's address. After the request, call <see cref="Leave"/>.</summary>
    /// <returns>Null: the request is allowed. Otherwise the error.</returns>
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
            if (count >= MaxPerAddress)
            {
                return Refusal("There were too many sign-ins from this address. Try again in a minute.", Window - time.GetElapsedTime(_began));
            }

            if (_inProgress >= MaxAtOnce)
            {
                return Refusal("Too many people sign in at the moment. Try again in a few seconds.", TimeSpan.FromSeconds(5));
            }

            counts[network] = count + 1;
            _inProgress++;
            return null;
        }
    }

    /// <param name="address">The same address as for <see cref="Enter"/>.</param>
    /// <param name="hasSucceeded">True: the sign-in was successful, so its two requests no longer count.</param>
    public void Leave(IPAddress? address, bool hasSucceeded)
    {
        lock (_lock)
        {
            _inProgress--;
            var (counts, network) = CountOf(address);
            if (hasSucceeded && counts.TryGetValue(network, out var count))
            {
                counts[network] = Math.Max(0, count - 2);
            }
        }
    }

    // Finds the smallest network around the address that has a counter, or for which a counter can be added.
    private (Dictionary<IPAddress, int> Counts, IPAddress Network) CountOf(IPAddress? address)
    {
        var own = TokenSignIn.NetworkOf(address);
        foreach (var size in own.AddressFamily == AddressFamily.InterNetworkV6 ? SizesOfIPv6 : SizesOfIPv4)
        {
            var (counts, network) = (_counts[size], NetworkOf(own, size));
            if (counts.Count < MaxNetworks || counts.ContainsKey(network))
            {
                return (counts, network);
            }
        }

        return (_counts[SizesOfIPv6[0]], IPAddress.None);
    }

    private static IPAddress NetworkOf(IPAddress address, int size)
    {
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(size / 8).Clear();
        return new IPAddress(bytes);
    }

    private static EdgeError Refusal(string message, TimeSpan wait) => new(ErrorKind.RateLimitExceeded, message) { RetryAfter = wait };
}
