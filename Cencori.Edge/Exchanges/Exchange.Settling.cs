using Cencori.Edge.Storage;

namespace Cencori.Edge.Exchanges;

/// <summary>What was taken for it, and what it comes to.</summary>
public sealed partial class Exchange
{
    /// <summary>No more bytes will come of any attempt.</summary>
    internal void CloseMeters()
    {
        foreach (var attempt in _attempts)
        {
            attempt.Meter?.Close(attempt.HasEnded);
        }
    }

    /// <summary>Somebody else is to be asked than those that were: what they hold of their credentials' limits is free before that.</summary>
    internal void LeaveAttempts()
    {
        CloseMeters();
        AttemptQuotas.End(_attempts, goesOn: false, isRepeated: true);
    }

    // Before the caller can have the last byte: its next request must find what this one has left.
    private void Settle()
    {
        if (_isSettled)
        {
            return;
        }

        _isSettled = true;
        using (Reservation)
        using (Budget)
        {
            CloseMeters();
            Bill = _paid ?? Work switch
            {
                WorkState.Open or WorkState.Seen when Last is { IsLook: false } begun => Bill.OfSetAside(begun) with { IsOpen = true },
                WorkState.OfAnother => new(default, IsMetered: true, 0) { IsOpen = true },
                _ => Bill.Of(_attempts),
            };
            if (Bill.IsMetered && _paid is null)
            {
                Reservation?.Settle(Bill.Usage.TotalTokens);
            }

            NextQuota?.Cancel();
            if (_attempts.Count == 0 && Refusal?.LimitedBy is not null)
            {
                // A request that cannot be served costs nothing.
                Reservation?.Cancel();
            }

            AttemptQuotas.End(_attempts, goesOn: Work is WorkState.Open or WorkState.Seen or WorkState.OfAnother);
            Budget?.Settle(_paid is null ? Bill.CostUsd : 0, Work == WorkState.Over && Owned?.Picodollars is { } picodollars ? Picodollars.ToUsd(picodollars) : 0);
        }
    }
}
