using System.Collections.Concurrent;
using System.Globalization;
using Cencori.Edge.Redis;
using Cencori.Edge.Routing.Attempts;

namespace Cencori.Edge.Routing.Health;

/// <summary>Holds the cool-downs, loads and retry budgets of targets on this edge. Publishes cool-downs to the other edges on the same Redis, so that all of them avoid the target.</summary>
public sealed class TargetTable
{
    private const string Subject = "cool";
    private const string Forgotten = "uncool";

    // Maximum number of tracked loads, one per target of a route. Administrators create routes, so more is a mistake, but memory must stay bounded even then.
    private const int MaxLoads = 100_000;

    private readonly CacheInvalidation _invalidation;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<(string CredentialId, string? Model), TargetLoad> _loads = new();

    /// <param name="invalidation">The channel to the other edges.</param>
    /// <param name="time">The clock.</param>
    /// <param name="quota">The limits that the project sets on its credentials. Null: no credential has limits.</param>
    public TargetTable(CacheInvalidation invalidation, TimeProvider time, CredentialQuota? quota = null)
    {
        (_invalidation, _time, Quota) = (invalidation, time, quota);
        (Cooling, Budget) = (new(time), new(time));

        // An edge that missed messages learns each cool-down from its own requests, so "missed" does nothing.
        invalidation.Subscribe(Subject, Receive, missed: static () => { });
        invalidation.Subscribe(Forgotten, Cooling.Reset, missed: static () => { });
    }

    internal CredentialQuota? Quota { get; }

    internal Cooling Cooling { get; }

    internal RetryBudget Budget { get; }

    /// <summary>The load of a credential and model. All plans share the object, so that the load survives changes of the project's settings.</summary>
    internal TargetLoad LoadOf(string credentialId, string? model)
    {
        if (_loads.Count >= MaxLoads)
        {
            _loads.Clear();
        }

        return _loads.GetOrAdd((credentialId, model), static (_, time) => new(time), _time);
    }

    /// <summary>The targets in cool-down on this edge.</summary>
    /// <param name="isMatch">Selects the targets to list.</param>
    public IReadOnlyList<CooledTarget> ListCoolDowns(Func<Target, bool> isMatch) => Cooling.Of(isMatch);

    /// <summary>Ends the cool-downs of a credential on all edges.</summary>
    public Task ResetAsync(string credentialId)
    {
        Cooling.Reset(credentialId);
        return _invalidation.PublishAsync(Forgotten, credentialId, isTransient: true);
    }

    /// <summary>Records the outcome of an attempt, and publishes what the provider said about the account.</summary>
    internal void End(in Target target, TargetOutcome outcome, TimeSpan? hint, bool isProbe)
    {
        if (Cooling.End(target, outcome, hint, isProbe) && TargetOutcomes.IsWorthReporting(outcome) && Cooling.WaitFor(target) is { Wait: var wait } && wait > TimeSpan.Zero)
        {
            // No request waits until the message is sent. The message has the remaining time instead of a time of day, because clocks differ.
            var model = target.Model is null ? "" : "|" + Uri.EscapeDataString(target.Model);
            _ = _invalidation.PublishAsync(Subject, string.Create(CultureInfo.InvariantCulture, $"{(long)wait.TotalMilliseconds}|{TargetOutcomes.NameOf(outcome)}|{target.CredentialId}|{target.Version}{model}"), isTransient: true);
        }
    }

    private void Receive(string message)
    {
        if (message.Split('|') is [var milliseconds, var outcome, var credential, var version, .. { Length: < 2 } model]
            && long.TryParse(milliseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var wait)
            && TargetOutcomes.OutcomeFrom(outcome) is { } reason)
        {
            Cooling.End(new(credential, model is [var name] ? Uri.UnescapeDataString(name) : null, Version: version), reason, TimeSpan.FromMilliseconds(Math.Min(wait, int.MaxValue)));
        }
    }
}
