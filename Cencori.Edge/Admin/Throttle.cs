using Cencori.Edge.Errors;

namespace Cencori.Edge.Admin;

/// <summary>What calls out because somebody clicks is done once in <see cref="Interval"/> at most for each thing, by this edge.</summary>
/// <param name="what">With what something is done, in the words of a refusal: <c>This credential</c>.</param>
/// <param name="done">What is done with it: <c>tested</c>.</param>
/// <param name="time">The clock.</param>
internal sealed class Throttle<T>(string what, string done, TimeProvider time)
    where T : notnull
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<T, long> _begun = [];

    /// <exception cref="RefusedException">It is too early: 429, with the time to wait.</exception>
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
                throw new RefusedException(new EdgeError(ErrorKind.RateLimitExceeded, $"{what} was {done} a moment ago. Try again in {Math.Ceiling(wait.TotalSeconds):0} s.") { RetryAfter = wait });
            }

            _begun[one] = time.GetTimestamp();
        }
    }
}
