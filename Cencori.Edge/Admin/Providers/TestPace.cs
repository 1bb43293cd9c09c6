using Cencori.Edge.Errors;

namespace Cencori.Edge.Admin.Providers;

/// <summary>Each credential is tested once in <see cref="Interval"/> at most, by this edge.</summary>
internal sealed class TestPace(TimeProvider time)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string, string, Storage.KeyEnvironment), long> _begun = [];

    /// <exception cref="RefusedException">It is too early.</exception>
    public void Begin(string projectId, string provider, Storage.KeyEnvironment environment)
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

            if (_begun.TryGetValue((projectId, provider, environment), out var begun))
            {
                var wait = Interval - time.GetElapsedTime(begun);
                throw new RefusedException(new EdgeError(ErrorKind.RateLimitExceeded, $"This credential was tested a moment ago. It can be tested again in {Math.Ceiling(wait.TotalSeconds):0} s.") { RetryAfter = wait });
            }

            _begun[(projectId, provider, environment)] = time.GetTimestamp();
        }
    }
}
