using System.Net;
using System.Net.Sockets;
using Cencori.Edge.Admin.SignIn;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Dashboard.SignIn;

/// <summary>
/// Bounds what strangers make this edge ask the sign-in provider, which would else shut the edge out: sign-ins of one address that were begun in a minute
/// and have not succeeded, and questions at once.
/// </summary>
internal sealed class OpenIdThrottle(TimeProvider time)
{
    /// <summary>Of one address, or one IPv6 network. Sign-ins that succeed do not count.</summary>
    public const int MaxOfOne = 60;

    /// <summary>Questions to the provider.</summary>
    public const int MaxAtOnce = 16;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    // Of each size. What comes after them is counted by the network around it: whoever owns a large one fills no other's.
    private const int MaxNetworks = 10_000;

    private static readonly int[] SizesOfIPv6 = [64, 48, 32];
    private static readonly int[] SizesOfIPv4 = [32, 24, 16];

    private readonly Lock _lock = new();
    private readonly Dictionary<int, Dictionary<IPAddress, int>> _counts = SizesOfIPv6.Concat(SizesOfIPv4).Distinct().ToDictionary(size => size, _ => new Dictionary<IPAddress, int>());
    private long _began = time.GetTimestamp();
    private int _atOnce;

    /// <summary>Counts a request that asks the provider. To be followed by <see cref="Leave"/>.</summary>
    /// <returns>Null: it may. Else why not.</returns>
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

    /// <param name="address">As it was told.</param>
    /// <param name="hasSucceeded">Its beginning and its end count no more.</param>
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

    // By the smallest network that is known already, or has room to be.
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
