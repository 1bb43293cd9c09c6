using Cencori.Edge.Providers.Forwarding;

namespace Cencori.Edge.Exchanges;

/// <summary>Settles what ended attempts have reserved in the limits of the credentials that they used.</summary>
internal static class AttemptQuotas
{
    /// <summary>Settles each reservation with the tokens that its attempt used. A second call does nothing.</summary>
    /// <param name="attempts">The attempts of one request. Their meters must be closed.</param>
    /// <param name="isContinued">True: background work continues after the response, so the full reservations count as used.</param>
    /// <param name="isRepeated">True: another attempt follows the last attempt of the list.</param>
    public static void End(IReadOnlyList<Attempt> attempts, bool isContinued, bool isRepeated = false)
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

            if (!isContinued && Bill.Of(attempt, isRepeated || attempt.IsRepeated) is { IsMetered: true } bill)
            {
                quota.Settle(bill.Usage.TotalTokens);
            }

            quota.Dispose();
        }
    }
}
