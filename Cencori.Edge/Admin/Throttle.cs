using Cencori.Edge.Errors;

namespace Cencori.Edge.Admin;

/// <summary>Limits actions that send requests to other servers: at most one per <see cref="Interval"/> for each object, on this edge.</summary>
/// <param name="what">Name of the object in the error text, such as <c>This credential</c>.</param>
/// <param name="done">Name of the action in the error text, such as <c>tested</c>.</param>
/// <param name="time">The clock.</param>
internal sealed class Throttle<T>(string what, string done, TimeProvider time)
    where T : notnull
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<T, long> _startedAt = [];

    /// <exception cref="RefusedException">The last action on this object is too recent. The error is a 429 with the time to wait.</exception>
    public void Begin(T one)
    {
        lock (_gate)
        {
            foreach (var (old, at) in _startedAt)
            {
                if (time.GetElapsedTime(at) >= Interval)
                {
                    _startedAt.Remove(old);
                }
            }

            if (_startedAt.TryGetValue(one, out var startedAt))
            {
                var wait = Interval - time.GetElapsedTime(startedAt);
                throw new RefusedException(new EdgeError(ErrorKind.RateLimitExceeded, $"{what} was {done} a moment ago. Try again in {Math.Ceiling(wait.TotalSeconds):0} s.") { RetryAfter = wait });
            }

            _startedAt[one] = time.GetTimestamp();
        }
    }
}
