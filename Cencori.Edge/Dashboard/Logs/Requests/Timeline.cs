using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Storage.Requests;

namespace Cencori.Edge.Dashboard.Logs.Requests;

/// <summary>Lists the recorded steps of a request, in the order in which they happened. A step has no times if they were not recorded.</summary>
public static class Timeline
{
    public static IReadOnlyList<TimelineStep> Of(RequestRecord record)
    {
        List<TimelineStep> steps = [new("Arrived", $"{record.Endpoint}{(record.IsStream ? ", as a stream" : "")}") { From = 0 }];
        var end = record.DurationMicroseconds;
        if (record.Provider is null)
        {
            steps.Add(new("Refused by the edge", record.Message ?? record.ErrorCode) { Tone = "bad" });
            return [.. steps, new("End", RequestText.Status(record)) { From = end }];
        }

        var startedAt = record.Attempts is [var earliest, ..] ? earliest.Started : (long?)null;
        steps.Add(new("Admitted and routed", $"To {record.Provider}{(record.ModelServed is { } model ? $", as {model}" : "")}. The edge itself took {Time(record.EdgeMicroseconds)} in all.") { From = startedAt is null ? null : 0, To = startedAt });
        steps.AddRange(record.Attempts?.Select(Step) ?? [One(record)]);
        if (record.FirstByteMicroseconds is { } first)
        {
            steps.Add(new("First byte to the caller", Time(first) + " after the request arrived") { From = first });
            steps.Add(new("Response forwarded", $"In {Time(end - first)}") { From = first, To = end });
        }

        return [.. steps, new("End", RequestText.Status(record)) { From = end, Tone = LogText.Tone(record.Outcome) == "bad" ? "bad" : null }];
    }

    private static TimelineStep One(RequestRecord record) => new(
        $"One attempt at {record.Provider}", record.Outcome is RequestOutcome.Success ? "It succeeded. The start time is not kept for attempts without failures." : null);

    private static TimelineStep Step(RequestAttempt attempt)
    {
        List<string> facts = [attempt.Status is { } status ? $"status {status}" : "no status", attempt.Outcome.Replace('_', ' ')];
        if (attempt.HeadUs is { } head)
        {
            facts.Add($"answered after {Time(head)}");
        }

        if (attempt.CredentialHint is { } hint)
        {
            facts.Add($"credential …{hint}");
        }

        if (attempt.CostUsd is { } cost)
        {
            facts.Add((attempt.Estimated ? "~" : "") + Numbers.Usd(cost));
        }

        if (attempt.HintMs is { } wait)
        {
            facts.Add($"retry after {Numbers.Duration(TimeSpan.FromMilliseconds(wait))}");
        }

        return new($"Attempt {attempt.Number}: {attempt.Target}", string.Join(", ", facts))
        {
            From = attempt.Started,
            To = attempt.HeadUs is { } until ? attempt.Started + until : null,
            Tone = attempt.Status is >= 200 and < 400 ? null : "bad",
        };
    }

    private static string Time(long microseconds) => Numbers.Duration(LogText.Microseconds(Math.Max(0, microseconds)));
}

/// <param name="Label">The step's name.</param>
/// <param name="Detail">Details; null: none.</param>
public sealed record TimelineStep(string Label, string? Detail)
{
    /// <summary>Start in microseconds after the request arrived; null: not recorded.</summary>
    public long? From { get; init; }

    /// <summary>End in microseconds after the request arrived; null: a single moment, or not recorded.</summary>
    public long? To { get; init; }

    /// <summary>The CSS class of a step with a problem; null: no problem.</summary>
    public string? Tone { get; init; }
}
