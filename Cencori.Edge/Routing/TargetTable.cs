using System.Collections.Concurrent;
using System.Globalization;
using Cencori.Edge.Redis;

namespace Cencori.Edge.Routing;

/// <summary>What this edge knows of targets, and tells the others on the same Redis: who was told to wait is left alone by all of them.</summary>
public sealed class TargetTable
{
    private const string Subject = "cool";
    private const string Forgotten = "uncool";

    // Of routes that administrators have made. More than that is a mistake, and is bounded all the same.
    private const int MaxLoads = 100_000;

    private readonly CacheInvalidation _invalidation;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<(string CredentialId, string? Model), TargetLoad> _loads = new();

    /// <param name="invalidation">How other edges are told.</param>
    /// <param name="time">The clock.</param>
    /// <param name="quota">What the project itself lets be sent. Null: no credential has limits.</param>
    public TargetTable(CacheInvalidation invalidation, TimeProvider time, CredentialQuota? quota = null)
    {
        (_invalidation, _time, Quota) = (invalidation, time, quota);
        (Cooling, Budget) = (new(time), new(time));

        // Whoever missed some learns each by itself.
        invalidation.Subscribe(Subject, Receive, missed: static () => { });
        invalidation.Subscribe(Forgotten, Cooling.Reset, missed: static () => { });
    }

    internal CredentialQuota? Quota { get; }

    internal Cooling Cooling { get; }

    internal RetryBudget Budget { get; }

    /// <summary>The one load of whoever has it in a plan, so that it outlives a change of the project's settings.</summary>
    internal TargetLoad LoadOf(string credentialId, string? model)
    {
        if (_loads.Count >= MaxLoads)
        {
            _loads.Clear();
        }

        return _loads.GetOrAdd((credentialId, model), static (_, time) => new(time), _time);
    }

    /// <summary>Those that this edge leaves alone now.</summary>
    /// <param name="isMeant">Which of them.</param>
    public IReadOnlyList<CooledTarget> LeftAlone(Func<Target, bool> isMeant) => Cooling.Of(isMeant);

    /// <summary>All edges ask the credential again at once, as if nothing had happened.</summary>
    public Task ResetAsync(string credentialId)
    {
        Cooling.Reset(credentialId);
        return _invalidation.PublishAsync(Forgotten, credentialId, isPassing: true);
    }

    /// <summary>What came of asking the target; what its provider has said of it the other edges are told.</summary>
    internal void End(in Target target, TargetOutcome outcome, TimeSpan? hint, bool findsOut)
    {
        if (Cooling.End(target, outcome, hint, findsOut) && TargetOutcomes.IsWorthReporting(outcome) && Cooling.WaitFor(target) is { Wait: var wait } && wait > TimeSpan.Zero)
        {
            // Nobody waits for it. The time that is left, and no time of day: clocks differ.
            var model = target.Model is null ? "" : "|" + Uri.EscapeDataString(target.Model);
            _ = _invalidation.PublishAsync(Subject, string.Create(CultureInfo.InvariantCulture, $"{(long)wait.TotalMilliseconds}|{TargetOutcomes.NameOf(outcome)}|{target.CredentialId}|{target.Version}{model}"), isPassing: true);
        }
    }

    private void Receive(string message)
    {
        if (message.Split('|') is [var milliseconds, var outcome, var credential, var version, .. { Length: < 2 } model]
            && long.TryParse(milliseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var wait)
            && TargetOutcomes.OutcomeFrom(outcome) is { } why)
        {
            Cooling.End(new(credential, model is [var name] ? Uri.UnescapeDataString(name) : null, Version: version), why, TimeSpan.FromMilliseconds(Math.Min(wait, int.MaxValue)));
        }
    }
}
