using System.Net;
using Cencori.Edge.Admin.SignIn;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Dashboard.SignIn;

/// <summary>
/// Bounds what strangers make this edge ask the sign-in provider, which would else shut the edge out: sign-ins of one address that were begun in a minute
/// and have not succeeded, and questions at once.
/// </summary>
internal sealed class OpenIdPace(TimeProvider time)
{
    /// <summary>Of one address, or one IPv6 network. Sign-ins that succeed do not count.</summary>
    public const int MostOfOne = 60;

    /// <summary>Questions to the provider.</summary>
    public const int MostAtOnce = 16;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    // What comes after them counts as one.
    private const int MostAddresses = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _counts = [];
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
                _counts.Clear();
                _began = time.GetTimestamp();
            }

            var key = KeyOf(address);
            var count = _counts.GetValueOrDefault(key);
            if (count >= MostOfOne)
            {
                return Refusal("There were too many sign-ins from this address. Try again in a minute.", Window - time.GetElapsedTime(_began));
            }

            if (_atOnce >= MostAtOnce)
            {
                return Refusal("Too many people sign in at the moment. Try again in a few seconds.", TimeSpan.FromSeconds(5));
            }

            _counts[key] = count + 1;
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
            var key = KeyOf(address);
            if (hasSucceeded && _counts.TryGetValue(key, out var count))
            {
                _counts[key] = Math.Max(0, count - 2);
            }
        }
    }

    private IPAddress KeyOf(IPAddress? address)
    {
        var network = TokenSignIn.NetworkOf(address);
        return _counts.Count < MostAddresses || _counts.ContainsKey(network) ? network : IPAddress.None;
    }

    private static EdgeError Refusal(string message, TimeSpan wait) => new(ErrorKind.RateLimitExceeded, message) { RetryAfter = wait };
}
