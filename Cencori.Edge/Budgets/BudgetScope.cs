using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Budgets;

/// <summary>
/// The state of one budget (of a project, a key or an agent) in one month on this edge. Amounts are in nanodollars. Guarded by the lock of its
/// <see cref="BudgetAccount"/>.
/// </summary>
internal sealed class BudgetScope(string keyId)
{
    // Number of renewals since the last ScheduleReread().
    private int _renewals;
    private int _nextRead;

    /// <summary>The key or agent. Empty: the whole project.</summary>
    public string KeyId => keyId;

    public required Budget Budget { get; set; }

    /// <summary>Spend of all edges, plus reservations for background work, whose cost is known later.</summary>
    public GrowOnlyCounter Counted { get; } = new();

    /// <summary>The reservations in <see cref="Counted"/> whose background work has ended.</summary>
    public GrowOnlyCounter Released { get; } = new();

    /// <summary>Reserved by this edge for running requests.</summary>
    public long InFlight { get; set; }

    /// <summary>The part of <see cref="InFlight"/> that was reported to Redis.</summary>
    public long InFlightReported { get; set; }

    /// <summary>The generation (creation time) of the hash in Redis that has received this edge's sums. Null: no hash has received them.</summary>
    public string? Generation { get; set; }

    /// <summary>The <see cref="Budget.SetAt"/> for which the stored records were read. Null: never read.</summary>
    public DateTimeOffset? ReadForSetAt { get; set; }

    /// <summary>Whether the spend is known, from the stored records or from Redis.</summary>
    public bool IsKnown { get; set; }

    /// <summary>True: the budget is enforced and its spend is unknown. The budget then refuses every request.</summary>
    public bool IsUnknown => !IsKnown && Cap is not null;

    /// <summary>
    /// False: the budget only alerts, and its spend is unknown. It is then left out of requests, because other edges would take what this edge reports for
    /// the whole spend.
    /// </summary>
    public bool TakesPart => IsKnown || IsUnknown;

    /// <summary>Whether the last read of the stored records failed.</summary>
    public bool MustReread { get; set; }

    /// <summary>The current or last read of the stored records.</summary>
    public Task Reading { get; set; } = Task.CompletedTask;

    /// <summary>Number of reads of the stored records. Each one is reported to Redis.</summary>
    public int Revision { get; private set; }

    /// <summary>The <see cref="Revision"/> that was last reported to Redis.</summary>
    public int RevisionReported { get; set; }

    public bool HasPendingChanges => Revision != RevisionReported;

    /// <summary>Alert thresholds, in percent, that this edge has handled.</summary>
    public HashSet<int> Alerted { get; } = [];

    public long Spent => Math.Max(0, Counted.Now - Released.Now);

    public SpendSums Sums => new(Nanodollars.ToUsd(Counted.Now), Nanodollars.ToUsd(Released.Now));

    /// <summary>The limit. Null: the budget only sends alerts.</summary>
    public long? Cap => Budget.IsEnforced ? Nanodollars.From(Budget.MonthlyUsd) : null;

    public bool IsReported => Counted.IsReported && Released.IsReported && InFlight == InFlightReported && !HasPendingChanges;

    /// <summary>The same rule as in the Redis script: a used-up budget refuses everything, even requests that cost nothing.</summary>
    public bool Admits(long amount) => Cap is not { } cap || (Spent < cap && Spent + InFlight + amount <= cap);

    /// <summary>
    /// Schedules repeated reads of the stored records, at growing intervals. The records may lack spend of other edges: that spend may still be in a
    /// spool file, or belong to a request that began before the budget was set.
    /// </summary>
    public void ScheduleReread() => (_renewals, _nextRead) = (0, 1);

    /// <summary>Whether to read the stored records of spend now. Call it at each renewal.</summary>
    public bool MustRead()
    {
        if (MustReread)
        {
            return true;
        }

        var isDue = ++_renewals == _nextRead;
        _nextRead = isDue ? 2 * _nextRead : _nextRead;
        return isDue;
    }

    /// <param name="fromRecords">The sums from the stored records. Null: the records could not be read, and the known sums stay.</param>
    /// <param name="setAt">The <see cref="Budget.SetAt"/> for which the records were read.</param>
    public void Learn(SpendSums? fromRecords, DateTimeOffset setAt)
    {
        Counted.Learn(Nanodollars.From(fromRecords?.Counted ?? 0));
        Released.Learn(Nanodollars.From(fromRecords?.Released ?? 0));
        MustReread = fromRecords is null;
        IsKnown |= fromRecords is not null;
        ReadForSetAt = setAt;
        Revision++;
    }
}
