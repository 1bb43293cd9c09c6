using Cencori.Edge.Storage;

namespace Cencori.Edge.Exchanges;

/// <summary>Settles the reservations of an exchange.</summary>
public sealed partial class Exchange
{
    /// <summary>Closes all meters: no attempt will deliver more bytes.</summary>
    internal void CloseMeters()
    {
        foreach (var attempt in _attempts)
        {
            attempt.Meter?.Close(attempt.HasEnded);
        }
    }

    /// <summary>Settles what the attempts so far have reserved in the limits of their credentials, before the request goes to another target.</summary>
    internal void SettleAttempts()
    {
        CloseMeters();
        AttemptQuotas.End(_attempts, isContinued: false, isRepeated: true);
    }

    // Runs before the caller can receive the last byte: the caller's next request must see the updated limits.
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
                WorkState.Open or WorkState.Seen when Last is { IsStatusRead: false } begun => Bill.OfReserved(begun) with { IsOpen = true },
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
                // A limit of a provider or credential prevented every attempt, so the project's limits get the whole reservation back.
                Reservation?.Cancel();
            }

            AttemptQuotas.End(_attempts, isContinued: Work is WorkState.Open or WorkState.Seen or WorkState.OfAnother);
            Budget?.Settle(_paid is null ? Bill.CostUsd : 0, Work == WorkState.Over && Owned?.Picodollars is { } picodollars ? Picodollars.ToUsd(picodollars) : 0);
        }
    }
}
