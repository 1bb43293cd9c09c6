using System.Collections.Concurrent;

namespace Cencori.Edge.Routing;

/// <summary>
/// Which targets are left alone for a while, because their provider said so or has failed at them again and again. When that is over one request
/// finds out how it is now; the others go elsewhere until it has a response.
/// </summary>
/// <remarks>It holds nothing of a target that answers. Time is the clock's timestamps: whoever sets the wall clock changes nothing.</remarks>
public sealed partial class Cooling(TimeProvider time)
{
    /// <summary>Targets that it can hold; those beyond are asked as if nothing had happened.</summary>
    public const int Most = 10_000;

    /// <summary>Failures of one target after each other, from which on it is left alone.</summary>
    public const int FailuresToOpen = 5;

    // What nobody has asked for since is forgotten, and with it how often it happened.
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(2);

    // What many requests are told at once is news once.
    private static readonly TimeSpan WorthReporting = TimeSpan.FromMilliseconds(200);

    // Whoever finds out has no response yet; asking again is for then.
    private static readonly TimeSpan WhileSomebodyFindsOut = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestToFindOut = TimeSpan.FromMinutes(1);

    // Who has too much to do says so at once, and a long response is none of that: where all have said to wait, nobody else is asked meanwhile.
    private static readonly TimeSpan LongestToBeToldToWait = WhileSomebodyFindsOut;

    private static readonly TimeSpan BetweenSweeps = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Target, CoolingState> _states = new();
    private int _count;
    private long _sweptAt;

    /// <summary>Nothing is left alone, which costs one read.</summary>
    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    /// <summary>How long the target is to be left alone, and why.</summary>
    /// <returns>Zero: it may be asked now.</returns>
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
                : state.Until > now ? (time.GetElapsedTime(now, state.Until), state.Why)
                : IsAsked(state, now) ? (WhileSomebodyFindsOut, state.Why)
                : default;
        }
    }

    /// <summary>To be called by whoever is about to ask it, and to be followed by <see cref="End"/>.</summary>
    /// <param name="target">The credential for a model, or for all of them.</param>
    /// <param name="findsOut">This is the request that finds out how it is now.</param>
    /// <returns>False: another one does.</returns>
    public bool TryEnter(in Target target, out bool findsOut)
    {
        findsOut = false;
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
            if (IsAsked(state, now) || state.Until > now)
            {
                return false;
            }

            state.AskedAt = now;
            findsOut = true;
            return true;
        }
    }

    /// <summary>What came of asking it.</summary>
    /// <param name="target">The credential for a model, or for all of them.</param>
    /// <param name="outcome"><see cref="TargetOutcome.None"/>: nothing that tells anything of the target.</param>
    /// <param name="hint">When its provider wants to be asked again; null: it did not say.</param>
    /// <param name="findsOut">As <see cref="TryEnter"/> has said.</param>
    /// <returns>It is left alone, and nobody could have known that it is for so long.</returns>
    public bool End(in Target target, TargetOutcome outcome, TimeSpan? hint = null, bool findsOut = false)
    {
        if (outcome is TargetOutcome.None or TargetOutcome.Started or TargetOutcome.Completed or TargetOutcome.TooMuch)
        {
            if (!IsEmpty && _states.TryGetValue(target, out var known))
            {
                Release(target, known, outcome, findsOut);
            }

            return false;
        }

        return Find(target) is { } state && Leave(state, outcome, hint, findsOut);
    }

    /// <summary>Those that are left alone now.</summary>
    /// <param name="isMeant">Which of them.</param>
    public List<CooledTarget> Of(Func<Target, bool> isMeant)
    {
        var cooled = new List<CooledTarget>();
        foreach (var target in IsEmpty ? [] : _states.Keys)
        {
            if (isMeant(target) && WaitFor(target) is { Wait: var wait, Why: var why } && wait > TimeSpan.Zero)
            {
                cooled.Add(new(target, why, wait));
            }
        }

        return cooled;
    }

    /// <summary>Asks all of a credential's targets again at once, as if nothing had happened.</summary>
    public void Reset(string credentialId) => _states.Keys.Where(target => target.CredentialId == credentialId).ToList().ForEach(target => Reset(target));

    /// <summary>Likewise one target.</summary>
    public void Reset(in Target target)
    {
        if (_states.TryRemove(target, out _))
        {
            Interlocked.Decrement(ref _count);
        }
    }

    // Whoever never comes back keeps nobody else from asking.
    private bool IsAsked(CoolingState state, long now) => state.AskedAt != 0 && time.GetElapsedTime(state.AskedAt, now) < (state.Why == TargetOutcome.RateLimited ? LongestToBeToldToWait : LongestToFindOut);

    private void Release(in Target target, CoolingState state, TargetOutcome outcome, bool findsOut)
    {
        lock (state)
        {
            state.AskedAt = findsOut ? 0 : state.AskedAt;
            state.Until = findsOut && outcome is TargetOutcome.Started or TargetOutcome.Completed && state.Until <= time.GetTimestamp() ? 0 : state.Until;

            // A response to a request that was sent before it was left alone says nothing of what came after.
            if (outcome != TargetOutcome.Completed || state.Until != 0)
            {
                return;
            }

            state.Failures = 0;
        }

        if (time.GetElapsedTime(state.At) >= Forgotten)
        {
            Reset(target);
        }
    }

    private bool Leave(CoolingState state, TargetOutcome outcome, TimeSpan? hint, bool findsOut)
    {
        lock (state)
        {
            var now = time.GetTimestamp();

            // From when it could be asked again: nobody could know more before that. Who pays late pays all the same.
            var quiet = time.GetElapsedTime(Math.Max(state.At, state.Until), now);
            state.Times = quiet >= (outcome == TargetOutcome.QuotaSpent ? CoolingLength.OfSpentQuota : Forgotten) ? 0 : state.Times;
            (state.At, state.AskedAt) = (now, findsOut ? 0 : state.AskedAt);
            if (outcome is TargetOutcome.Failed or TargetOutcome.Forbidden && hint is null && ++state.Failures < FailuresToOpen)
            {
                return false;
            }

            // Those that were under way together are refused together, and that is once.
            var times = state.Until > now ? Math.Max(0, state.Times - 1) : state.Times++;
            var until = now + Ticks(CoolingLength.Of(outcome, hint, times));
            var isNew = until - Math.Max(state.Until, now) > Ticks(WorthReporting);

            // Whoever said to wait is not asked before that is over, whatever else goes wrong meanwhile. After it this is why.
            state.HintedUntil = outcome == TargetOutcome.RateLimited ? Math.Max(state.HintedUntil, until) : state.HintedUntil;
            state.Why = until > state.Until ? outcome : state.Why;

            // Never shorter than what was known: a late response may tell of a time before.
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

        // Callers make up names of models.
        if (Volatile.Read(ref _count) >= Most)
        {
            Sweep();
            if (Volatile.Read(ref _count) >= Most)
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
            // A name that is not there costs whoever asks for it one attempt more; it must not take the room of those that are.
            if (state.Until <= now || state.Why is TargetOutcome.NotThere or TargetOutcome.NoSuchModel)
            {
                Reset(target);
            }
        }
    }
}
