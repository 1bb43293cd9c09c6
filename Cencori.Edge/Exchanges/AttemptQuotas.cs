using Cencori.Edge.Providers.Forwarding;

namespace Cencori.Edge.Exchanges;

/// <summary>What attempts have taken of the limits of their credentials, once they are over.</summary>
internal static class AttemptQuotas
{
    /// <summary>Counts what each has used. Once more does nothing.</summary>
    /// <param name="attempts">Those of one request, whose meters are closed.</param>
    /// <param name="goesOn">There is work behind the response that goes on: what was taken stays taken.</param>
    /// <param name="isRepeated">Somebody else is asked after the last of them.</param>
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
