namespace Cencori.Edge.RateLimiting;

/// <summary>One request's reservation in two sets of limits that both admitted it. Of the two request buckets, and of the two token buckets, it shows the one with less left.</summary>
internal sealed class PairedReservation(RateLimitReservation first, RateLimitReservation second)
    : RateLimitReservation(new(Tighter(first.Requests, second.Requests), Tighter(first.Tokens, second.Tokens), Refusal.None))
{
    protected override void Release(long? actualTokens, bool isCancelled)
    {
        End(first, actualTokens, isCancelled);
        End(second, actualTokens, isCancelled);
    }

    internal static RateLimitStatus? Tighter(RateLimitStatus? one, RateLimitStatus? other) =>
        one is null || other?.Remaining < one.Value.Remaining ? other : one;

    private static void End(RateLimitReservation reservation, long? actualTokens, bool isCancelled)
    {
        if (isCancelled)
        {
            reservation.Cancel();
            return;
        }

        if (actualTokens is { } actual)
        {
            reservation.Settle(actual);
        }

        reservation.Dispose();
    }
}
