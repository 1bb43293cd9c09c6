using Cencori.Edge.Providers.Forwarding;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Exchanges;

/// <summary>Converts the attempts of an exchange to the form that its record stores.</summary>
internal static class AttemptRecords
{
    /// <returns>The stored attempts. Null: there was no attempt, or a single one without a failure, whose data the record itself holds.</returns>
    public static IReadOnlyList<RequestAttempt>? Of(Exchange exchange)
    {
        var attempts = exchange.Attempts;
        return attempts.Count == 0 || (attempts.Count == 1 && attempts[0].End is not (AttemptEnd.NeverSent or AttemptEnd.Failed or AttemptEnd.Replaced))
            ? null
            : [.. attempts.Take(RequestAttempt.Max).Select((attempt, index) => RecordOf(exchange, attempt, index + 1))];
    }

    internal static string Name(AttemptEnd end) => end switch
    {
        AttemptEnd.None => "unknown",
        AttemptEnd.Completed => "completed",
        AttemptEnd.Replaced => "replaced",
        AttemptEnd.PassedOver => "passed_over",
        AttemptEnd.NeverSent => RequestAttempt.NeverSent,
        AttemptEnd.Failed => "failed",
        AttemptEnd.CallerLeft => "caller_left",
        _ => throw new ArgumentOutOfRangeException(nameof(end), end, "The value is not in the closed list."),
    };

    private static RequestAttempt RecordOf(Exchange exchange, Attempt attempt, int number)
    {
        var bill = Bill.Of(attempt);
        return new RequestAttempt
        {
            Number = number,
            Target = attempt.Model is null ? attempt.Provider.Id : $"{attempt.Provider.Id}/{RefusalText.WithoutKey(attempt.Model)}",
            CredentialHint = attempt.Credential?.Hint,
            Started = Microseconds(exchange, exchange.Clock.ArrivedAt, attempt.ForwardedAt),
            HeadUs = attempt.RespondedAt == 0 ? null : Microseconds(exchange, attempt.ForwardedAt, attempt.RespondedAt),
            Outcome = Name(attempt.End),
            Status = attempt.Status,
            CostUsd = bill.CostUsd,
            Estimated = bill.Usage.IsEstimated,
            HintMs = (long?)attempt.RetryAfter?.TotalMilliseconds,
        };
    }

    private static long Microseconds(Exchange exchange, long from, long to) =>
        exchange.Clock.Time.GetElapsedTime(from, to).Ticks / TimeSpan.TicksPerMicrosecond;
}
