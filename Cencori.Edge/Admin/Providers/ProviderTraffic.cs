using Cencori.Edge.Errors;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Admin.Providers;

/// <summary>Computes the health of providers from a project's requests of the last minutes.</summary>
internal sealed class ProviderTraffic(ReadDatabase database, TimeProvider time)
{
    /// <summary>Length of the examined period, which ends now.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(15);

    /// <summary>Maximum number of requests that are examined. If there are more, the newest are examined.</summary>
    public const int MaxRequests = 2_000;

    /// <summary>Reads the health of each provider that had a request in the period.</summary>
    public async Task<ProviderTrafficView> ReadAsync(string projectId, CancellationToken cancellation)
    {
        var query = new RecordQuery(projectId);
        query.From(time.GetUtcNow() - Period);
        var rows = await database.ReadAsync(connection => query.ReadAsync(connection, MaxRequests, cancellation), cancellation);
        var seen = rows.Select(row => row.Record).Where(record => record.Provider is not null && IsOfProvider(record))
            .GroupBy(record => (record.Provider!, record.Environment))
            .ToDictionary(group => group.Key, group => StateOf([.. group]));
        return new(seen, rows.Count == MaxRequests ? rows[^1].Record.StartedAt : null);
    }

    // False for a request that the edge refused without sending it to a provider.
    private static bool IsOfProvider(RequestRecord record) => record.ModelServed is not null || record.ErrorCode is { } code && code.StartsWith("PROVIDER_", StringComparison.Ordinal) && code != ErrorKind.ProviderNotConfigured.Code;

    private static ProviderState StateOf(List<RequestRecord> records)
    {
        var failures = records.Select(FailureOf).OfType<string>().ToList();
        var durations = records.Where(record => record is { Outcome: RequestOutcome.Success or RequestOutcome.SuccessFallback, Status: not StatusCodes.Status101SwitchingProtocols }).Select(record => record.DurationMicroseconds).Order().ToList();
        return new(
            records.Count,
            failures.Count,
            failures.GroupBy(failure => failure).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).FirstOrDefault()?.Key,
            durations.Count == 0 ? null : TimeSpan.FromMicroseconds(durations[durations.Count / 2]),
            records.Where(record => record.Outcome is RequestOutcome.Success or RequestOutcome.SuccessFallback).Max(record => (DateTimeOffset?)record.StartedAt),
            records.Where(record => FailureOf(record) is not null).Max(record => (DateTimeOffset?)record.StartedAt));
    }

    // Describes the provider's failure in words. Null: the provider did not fail; an invalid request is the caller's failure.
    private static string? FailureOf(RequestRecord record) => record switch
    {
        { ErrorCode: "PROVIDER_AUTH_FAILED" } => "The credential is refused (401): replace it.",
        { ErrorCode: "PROVIDER_TIMEOUT" } => "The provider does not respond in time.",
        { ErrorCode: "PROVIDER_UNAVAILABLE" } => record.Reason == Egress.EgressGuard.Reason ? "The provider's address is not public, so the edge does not connect to it." : "The provider cannot be reached.",
        { ErrorCode: "PROVIDER_ERROR" } => "The provider's responses break off or cannot be read.",
        { Outcome: RequestOutcome.Error, Status: 403 } => "The provider refuses requests (403): the credential does not have the permission.",
        { Outcome: RequestOutcome.Error, Status: 402 or 429 } => $"The account has reached a limit of the provider ({record.Status}).",
        { Outcome: RequestOutcome.Error, Status: >= 500 } => $"The provider fails ({record.Status}).",
        _ => null,
    };
}

/// <param name="States">Health by provider and environment.</param>
/// <param name="Since">Time of the oldest examined request, if there were too many requests. Null: the whole period was examined.</param>
public sealed record ProviderTrafficView(IReadOnlyDictionary<(string Provider, KeyEnvironment Environment), ProviderState> States, DateTimeOffset? Since);

/// <summary>Health of one provider.</summary>
/// <param name="Requests">Number of requests that were sent to the provider.</param>
/// <param name="Failures">Number of these requests that failed.</param>
/// <param name="Trouble">The most frequent failure, in words. Null: no failure.</param>
/// <param name="Median">Median duration of successful requests. Null: there were none.</param>
/// <param name="LastSuccess">Start of the last successful request. Null: there was none.</param>
/// <param name="LastFailure">Start of the last failed request. Null: there was none.</param>
public sealed record ProviderState(int Requests, int Failures, string? Trouble, TimeSpan? Median, DateTimeOffset? LastSuccess, DateTimeOffset? LastFailure)
{
    /// <summary>True: at least half of the requests fail.</summary>
    public bool IsFailing => Failures > 0 && Failures * 2 >= Requests;
}
