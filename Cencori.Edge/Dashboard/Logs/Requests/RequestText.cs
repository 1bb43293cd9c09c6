using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Dashboard.Policies;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Dashboard.Logs.Requests;

/// <summary>Describes the result of a request in words.</summary>
public static class RequestText
{
    /// <summary>The result as a heading. A long message is cut.</summary>
    public static string Title(RequestRecord record) => record.Outcome switch
    {
        RequestOutcome.Success => $"Answered in {Numbers.Duration(LogText.Microseconds(record.DurationMicroseconds))}",
        RequestOutcome.SuccessFallback => $"Answered by fallback in {Numbers.Duration(LogText.Microseconds(record.DurationMicroseconds))}",
        RequestOutcome.Cancelled => $"Cancelled: the caller left after {Numbers.Duration(LogText.Microseconds(record.DurationMicroseconds))}",
        RequestOutcome.Shadow when record.Status < 400 => $"Shadow: answered in {Numbers.Duration(LogText.Microseconds(record.DurationMicroseconds))}",
        RequestOutcome.Shadow => $"Shadow: failed: {Reason(record)}",
        RequestOutcome.RateLimited or RequestOutcome.Filtered => $"Refused: {Reason(record)}",
        _ => record.Provider is null ? $"Refused: {Reason(record)}" : $"Failed: {Reason(record)}",
    };

    public static string Status(RequestRecord record) => $"Status {record.Status}, {LogText.Outcome(record.Outcome).ToLowerInvariant()}, after {Numbers.Duration(LogText.Microseconds(record.DurationMicroseconds))}";

    /// <summary>The result. If a policy refused the request, the text also names the rules and reasons. Callers do not get these rule names.</summary>
    public static string Outcome(RequestRecord record)
    {
        var word = LogText.Outcome(record.Outcome);
        if (record is not { Outcome: RequestOutcome.Filtered, Policy: { } policy })
        {
            return word;
        }

        var hits = policy.Hits.Where(static hit => hit.Action == "block").ToList();
        return hits.Count > 0
            ? $"{word}: {(record.Status >= 400 ? "refused" : "its response was ended")} by {string.Join(", ", hits.Select(hit => $"the rule {SafeText.Of(hit.Rule)} ({PolicyText.Reason(hit)})").Distinct())}"
            : policy.Unscanned ? $"{word}: the request or response had content that no rule can scan (unscanned)" : word;
    }

    private static string Reason(RequestRecord record) =>
        record.Message?.TrimEnd('.') ?? record.Reason ?? record.ErrorCode ?? (record.Status >= 400 ? $"{record.Provider ?? "the edge"} answered {record.Status}" : "the answer broke off");
}
