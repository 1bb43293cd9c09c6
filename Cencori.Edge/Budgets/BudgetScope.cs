using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;

namespace Cencori.Edge.Budgets;

/// <summary>What one edge knows of one budget in one month: a project's, or a key's. In nanodollars. Changed under its account's lock.</summary>
internal sealed class BudgetScope(string keyId)
{
    // In renewals, since what is known was last in doubt.
    private int _renewals;
    private int _nextRead;

    /// <summary>Empty: the whole project's.</summary>
    public string KeyId => keyId;

    public required Budget Budget { get; set; }

    /// <summary>What all have spent, and set aside for work that is paid for later.</summary>
    public GrowOnlyCounter Counted { get; } = new();

    /// <summary>What was set aside for such work, and is over.</summary>
    public GrowOnlyCounter Released { get; } = new();

    /// <summary>Set aside by this edge for requests that run.</summary>
    public long InFlight { get; set; }

    /// <summary>What Redis holds for <see cref="InFlight"/>.</summary>
    public long InFlightReported { get; set; }

    /// <summary>Which memory of Redis has been told of what this edge adds. Null: none.</summary>
    public string? Generation { get; set; }

    /// <summary>The <see cref="Budget.SetAt"/> for which the stored records have been read; null: never.</summary>
    public DateTimeOffset? ReadFor { get; set; }

    /// <summary>The stored records have been read, or Redis has told what it remembers. Until then nobody knows what is left of the budget.</summary>
    public bool IsKnown { get; set; }

    /// <summary>It lets nothing through before somebody says what has been spent.</summary>
    public bool IsUnknown => !IsKnown && Cap is not null;

    /// <summary>The stored records could not be read for it.</summary>
    public bool MustReadAgain { get; set; }

    /// <summary>The read of the stored records that is under way, or was the last.</summary>
    public Task Reading { get; set; } = Task.CompletedTask;

    /// <summary>How often there was something new to tell Redis from the stored records.</summary>
    public int Revision { get; private set; }

    /// <summary>How much of <see cref="Revision"/> Redis has heard.</summary>
    public int RevisionReported { get; set; }

    public bool HasPendingChanges => Revision != RevisionReported;

    /// <summary>The thresholds of which this edge need not speak any more.</summary>
    public HashSet<int> Alerted { get; } = [];

    public long Spent => Math.Max(0, Counted.Now - Released.Now);

    public SpendSums Sums => new(Nanodollars.ToUsd(Counted.Now), Nanodollars.ToUsd(Released.Now));

    /// <summary>Null: it only alerts.</summary>
    public long? Cap => Budget.IsEnforced ? Nanodollars.From(Budget.MonthlyUsd) : null;

    public bool IsReported => Counted.IsReported && Released.IsReported && InFlight == InFlightReported && !HasPendingChanges;

    /// <summary>As Redis decides it: what is used up lets nothing through, not even what is free.</summary>
    public bool Admits(long amount) => Cap is not { } cap || (Spent < cap && Spent + InFlight + amount <= cap);

    /// <summary>
    /// The stored records are what is known of others, and may not yet hold what they have spent: it is on its way there, in a spool, or by a
    /// request that began before there was a budget. So they are read again, soon and then ever more seldom.
    /// </summary>
    public void ScheduleReread() => (_renewals, _nextRead) = (0, 1);

    /// <summary>To be asked at each renewal.</summary>
    public bool MustRead()
    {
        if (MustReadAgain)
        {
            return true;
        }

        var isDue = ++_renewals == _nextRead;
        _nextRead = isDue ? 2 * _nextRead : _nextRead;
        return isDue;
    }

    /// <param name="fromRecords">Null: they cannot be read, and what is known goes on holding.</param>
    /// <param name="setAt">The budget for which they have been read.</param>
    public void Learn(SpendSums? fromRecords, DateTimeOffset setAt)
    {
        Counted.Learn(Nanodollars.From(fromRecords?.Counted ?? 0));
        Released.Learn(Nanodollars.From(fromRecords?.Released ?? 0));
        MustReadAgain = fromRecords is null;
        IsKnown |= fromRecords is not null;
        ReadFor = setAt;
        Revision++;
    }
}
