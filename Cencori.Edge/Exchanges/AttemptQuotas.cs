using Cencori.Edge.Providers.Forwarding;

namespace Cencori.Edge.Exchanges;

/// <summary>Settles what ended attempts reserved from the limits of their credentials.</summary>
internal static class AttemptQuotas
{
    /// <summary>Counts what each attempt used. A second call does nothing.</summary>
    /// <param name="attempts">The attempts of one request. Their meters must be closed.</param>
    /// <param name="goesOn">Background work continues after the response: the reservations stay taken in full.</param>
    /// <param name="isRepeated">Another attempt follows the last of these.</param>
    public static void End(IReadOnlyList<Attempt> attempts, bool goesOn, bool isRepeated = false)
    {
        for (var i = 0; i < attempts.Count; i++)
        {
            if (attempts[i] is not { Quota: { } quota } attempt)
            {
                continue;
            }

            if (attempt.End == AttemptEnd.NeverSent)
            {
                quota.Cancel();
                continue;
            }

            if (!goesOn && Bill.Of(attempt, isRepeated || attempt.IsRepeated) is { IsMetered: true } bill)
            {
                quota.Settle(bill.Usage.TotalTokens);
            }

            quota.Dispose();
        }
    }
}
