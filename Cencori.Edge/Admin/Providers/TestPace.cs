using Cencori.Edge.Errors;

namespace Cencori.Edge.Admin.Providers;

/// <summary>Each thing is tested once in <see cref="Interval"/> at most, by this edge.</summary>
/// <param name="what">What is tested, in the words of a refusal: <c>This credential</c>.</param>
/// <param name="time">The clock.</param>
internal sealed class TestPace<T>(string what, TimeProvider time)
    where T : notnull
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<T, long> _begun = [];

    /// <exception cref="RefusedException">It is too early.</exception>
    public void Begin(T one)
    {
        lock (_gate)
        {
            foreach (var (old, at) in _begun)
            {
                if (time.GetElapsedTime(at) >= Interval)
                {
                    _begun.Remove(old);
                }
            }

            if (_begun.TryGetValue(one, out var begun))
            {
                var wait = Interval - time.GetElapsedTime(begun);
                throw new RefusedException(new EdgeError(ErrorKind.RateLimitExceeded, $"{what} was tested a moment ago. It can be tested again in {Math.Ceiling(wait.TotalSeconds):0} s.") { RetryAfter = wait });
            }

            _begun[one] = time.GetTimestamp();
        }
    }
}
