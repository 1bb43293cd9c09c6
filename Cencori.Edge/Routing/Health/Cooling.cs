using System.Collections.Concurrent;

namespace Cencori.Edge.Routing.Health;

/// <summary>
/// Holds the targets in cool-down: those whose provider said to wait, or that failed repeatedly. After the cool-down one request probes the target;
/// other requests go to other targets until the probe has a result.
/// </summary>
/// <remarks>Holds no entry for a healthy target. Uses monotonic timestamps, so changes of the wall clock have no effect.</remarks>
public sealed partial class Cooling(TimeProvider time)
{
    /// <summary>Maximum number of tracked targets. Further targets get requests as if they had never failed.</summary>
    public const int Max = 10_000;

    /// <summary>Consecutive failures of a target that start a cool-down.</summary>
    public const int FailuresToOpen = 5;

    // An entry without events for this long is dropped, together with its count of cool-downs.
    private static readonly TimeSpan EntryLifetime = TimeSpan.FromMinutes(2);

    // Many concurrent requests cause the same cool-down. The edge reports a known cool-down again only if it grew by more than this.
    private static readonly TimeSpan MinReportedGrowth = TimeSpan.FromMilliseconds(200);

    // The wait that WaitFor returns to other requests while a probe is in progress.
    private static readonly TimeSpan WaitDuringProbe = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan MaxProbeTime = TimeSpan.FromMinutes(1);

    // How long a probe after a rate limit blocks other requests. An overloaded provider refuses at once, so a probe that is still open after this time was accepted.
    private static readonly TimeSpan MaxProbeTimeWhenRateLimited = WaitDuringProbe;

    private static readonly TimeSpan BetweenSweeps = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Target, CoolingState> _states = new();
    private int _count;
    private long _sweptAt;

    /// <summary>Whether no target is tracked. Costs one volatile read.</summary>
    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    /// <summary>Returns how long the target still cools down, and why.</summary>
    /// <returns>A wait of zero: requests may go to the target now.</returns>
    public (TimeSpan Wait, TargetOutcome Why) WaitFor(in Target target)
    {
        if (IsEmpty || !_states.TryGetValue(target, out var state))
        {
            return default;
        }

        lock (state)
        {
            var now = time.GetTimestamp();
            return state.Until == 0 ? default
                : state.HintedUntil > now ? (time.GetElapsedTime(now, state.HintedUntil), TargetOutcome.RateLimited)
                : state.Until > now ? (time.GetElapsedTime(now, state.Until), state.Reason)
                : IsProbed(state, now) ? (WaitDuringProbe, state.Reason)
                : default;
        }
    }

    /// <summary>Registers an attempt at the target. Call this before sending; <see cref="End"/> must follow.</summary>
    /// <param name="target">The credential, with one model or with all models.</param>
    /// <param name="isProbe">True: this request is the probe.</param>
    /// <returns>False: the target cools down, or another request probes it.</returns>
    public bool TryEnter(in Target target, out bool isProbe)
    {
        isProbe = false;
        if (IsEmpty || !_states.TryGetValue(target, out var state))
        {
            return true;
        }

        lock (state)
        {
            if (state.Until == 0)
            {
                return true;
            }

            var now = time.GetTimestamp();
            if (IsProbed(state, now) || state.Until > now)
            {
                return false;
            }

            state.ProbedAt = now;
            isProbe = true;
            return true;
        }
    }

    /// <summary>Reports the outcome of an attempt.</summary>
    /// <param name="target">The credential, with one model or with all models.</param>
    /// <param name="outcome">The outcome. <see cref="TargetOutcome.None"/>: it says nothing about the target.</param>
    /// <param name="hint">How long the provider asks to wait before a retry. Null: it did not say.</param>
    /// <param name="isProbe">The value that <see cref="TryEnter"/> returned.</param>
    /// <returns>True: the cool-down is new or longer than known, so it is worth reporting to other edges.</returns>
    public bool End(in Target target, TargetOutcome outcome, TimeSpan? hint = null, bool isProbe = false)
    {
        if (outcome is TargetOutcome.None or TargetOutcome.Started or TargetOutcome.Completed or TargetOutcome.ExceedsQuota or TargetOutcome.Unsupported)
        {
            if (!IsEmpty && _states.TryGetValue(target, out var known))
            {
                Release(target, known, outcome, isProbe);
            }

            return false;
        }

        return Find(target) is { } state && RecordFailure(state, outcome, hint, isProbe);
    }

    /// <summary>Lists the targets in cool-down.</summary>
    /// <param name="isMatch">Selects the targets to list.</param>
    public List<CooledTarget> Of(Func<Target, bool> isMatch)
    {
        var cooled = new List<CooledTarget>();
        foreach (var target in IsEmpty ? [] : _states.Keys)
        {
            if (isMatch(target) && WaitFor(target) is { Wait: var wait, Why: var reason } && wait > TimeSpan.Zero)
            {
                cooled.Add(new(target, reason, wait));
            }
        }

        return cooled;
    }

    /// <summary>Ends the cool-downs of all targets of a credential, and forgets their failures.</summary>
    public void Reset(string credentialId) => _states.Keys.Where(target => target.CredentialId == credentialId).ToList().ForEach(target => Reset(target));

    /// <summary>Ends the cool-down of one target, and forgets its failures.</summary>
    public void Reset(in Target target)
    {
        if (_states.TryRemove(target, out _))
        {
            Interlocked.Decrement(ref _count);
        }
    }

    // Whether a probe is in progress and recent enough: a probe that never ends must not block the target for ever.
    private bool IsProbed(CoolingState state, long now) => state.ProbedAt != 0 && time.GetElapsedTime(state.ProbedAt, now) < (state.Reason == TargetOutcome.RateLimited ? MaxProbeTimeWhenRateLimited : MaxProbeTime);

    private void Release(in Target target, CoolingState state, TargetOutcome outcome, bool isProbe)
    {
        lock (state)
        {
            state.ProbedAt = isProbe ? 0 : state.ProbedAt;
            state.Until = isProbe && outcome is TargetOutcome.Started or TargetOutcome.Completed && state.Until <= time.GetTimestamp() ? 0 : state.Until;

            // A response to a request that was sent before the cool-down says nothing about failures that came later.
            if (outcome != TargetOutcome.Completed || state.Until != 0)
            {
                return;
            }

            state.Failures = 0;
        }

        if (time.GetElapsedTime(state.At) >= EntryLifetime)
        {
            Reset(target);
        }
    }

    private bool RecordFailure(CoolingState state, TargetOutcome outcome, TimeSpan? hint, bool isProbe)
    {
        lock (state)
        {
            var now = time.GetTimestamp();

            // The time without failures begins at the end of the cool-down, because no request tests the target before that end. A spent quota is remembered for longer, because an account may be paid late.
            var quiet = time.GetElapsedTime(Math.Max(state.At, state.Until), now);
            state.Times = quiet >= (outcome == TargetOutcome.QuotaSpent ? CoolingLength.OfSpentQuota : EntryLifetime) ? 0 : state.Times;
            (state.At, state.ProbedAt) = (now, isProbe ? 0 : state.ProbedAt);
            if (outcome is TargetOutcome.Failed or TargetOutcome.Forbidden && hint is null && ++state.Failures < FailuresToOpen)
            {
                return false;
            }

            // A provider refuses all requests that were in progress together. Their refusals count as one cool-down.
            var times = state.Until > now ? Math.Max(0, state.Times - 1) : state.Times++;
            var until = now + Ticks(CoolingLength.Of(outcome, hint, times));
            var isNew = until - Math.Max(state.Until, now) > Ticks(MinReportedGrowth);

            // Keeps the end of the wait that the provider asked for, even if another failure causes a longer cool-down. After that end, the failure is reported
            // as the reason.
            state.HintedUntil = outcome == TargetOutcome.RateLimited ? Math.Max(state.HintedUntil, until) : state.HintedUntil;
            state.Reason = until > state.Until ? outcome : state.Reason;

            // Never shortens a cool-down: a late response may report an older state.
            state.Until = Math.Max(state.Until, until);
            return isNew;
        }
    }

    private long Ticks(TimeSpan length) => (long)(length.TotalSeconds * time.TimestampFrequency);

    private CoolingState? Find(in Target target)
    {
        if (_states.TryGetValue(target, out var state))
        {
            return state;
        }

        // Callers can invent model names, so the table must be bounded.
        if (Volatile.Read(ref _count) >= Max)
        {
            Sweep();
            if (Volatile.Read(ref _count) >= Max)
            {
                return null;
            }
        }

        state = new CoolingState { At = time.GetTimestamp() };
        if (_states.TryAdd(target, state))
        {
            Interlocked.Increment(ref _count);
            return state;
        }

        return _states.GetValueOrDefault(target);
    }

    private void Sweep()
    {
        var now = time.GetTimestamp();
        if (Interlocked.Read(ref _sweptAt) is not 0 and var before && time.GetElapsedTime(before, now) < BetweenSweeps)
        {
            return;
        }

        Interlocked.Exchange(ref _sweptAt, now);
        foreach (var (target, state) in _states)
        {
            // Drops unknown models even in cool-down: they cost their callers only one more attempt, and must not take the room of real targets.
            if (state.Until <= now || state.Reason is TargetOutcome.NotFound or TargetOutcome.NoSuchModel)
            {
                Reset(target);
            }
        }
    }
}
