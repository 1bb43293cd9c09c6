using Cencori.Edge.Errors;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Providers;

/// <summary>Health of a project's providers, from its own requests of the last minutes.</summary>
internal sealed class ProviderTraffic(ReadDatabase database, TimeProvider time)
{
    /// <summary>Period that is examined.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(15);

    /// <summary>Most requests that are examined; the newest count.</summary>
    public const int MaxRequests = 2_000;

    /// <summary>Returns only providers that had a request.</summary>
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

    // A request that the edge refuses says nothing about the provider.
    private static bool IsOfProvider(RequestRecord record) => record.ModelServed is not null || record.ErrorCode is { } code && code.StartsWith("PROVIDER_", StringComparison.Ordinal) && code != ErrorKind.ProviderNotConfigured.Code;

    private static ProviderState StateOf(List<RequestRecord> records)
    {
        var troubles = records.Select(TroubleOf).OfType<string>().ToList();
        var durations = records.Where(record => record.Outcome is RequestOutcome.Success or RequestOutcome.SuccessFallback).Select(record => record.DurationMicroseconds).Order().ToList();
        return new(
            records.Count,
            troubles.Count,
            troubles.GroupBy(trouble => trouble).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).FirstOrDefault()?.Key,
            durations.Count == 0 ? null : TimeSpan.FromMicroseconds(durations[durations.Count / 2]),
            records.Where(record => record.Outcome is RequestOutcome.Success or RequestOutcome.SuccessFallback).Max(record => (DateTimeOffset?)record.StartedAt),
            records.Where(record => TroubleOf(record) is not null).Max(record => (DateTimeOffset?)record.StartedAt));
    }

    // An invalid request is not the provider's failure.
    private static string? TroubleOf(RequestRecord record) => record switch
    {
        { ErrorCode: "PROVIDER_AUTH_FAILED" } => "The credential is refused (401): replace it.",
        { ErrorCode: "PROVIDER_TIMEOUT" } => "It does not respond in time.",
        { ErrorCode: "PROVIDER_UNAVAILABLE" } => record.Reason == Egress.EgressGuard.Reason ? "The edge does not connect to its address: it is not public." : "It cannot be reached.",
        { ErrorCode: "PROVIDER_ERROR" } => "Its responses break off or cannot be read.",
        { Outcome: RequestOutcome.Error, Status: 403 } => "It refuses requests (403): the credential may not do this.",
        { Outcome: RequestOutcome.Error, Status: 402 or 429 } => $"Its own limits are reached ({record.Status}).",
        { Outcome: RequestOutcome.Error, Status: >= 500 } => $"It fails ({record.Status}).",
        _ => null,
    };
}

/// <param name="States">State by provider and environment.</param>
/// <param name="Since">Start of the examined requests if there were too many; null: the whole period was examined.</param>
public sealed record ProviderTrafficView(IReadOnlyDictionary<(string Provider, KeyEnvironment Environment), ProviderState> States, DateTimeOffset? Since);

/// <summary>Health of a provider.</summary>
/// <param name="Requests">Requests sent to it.</param>
/// <param name="Failures">Failures among them.</param>
/// <param name="Trouble">Most frequent failure, in words; null: none.</param>
/// <param name="Median">Median duration of successes; null: no success.</param>
/// <param name="LastSuccess">Start of the last success; null: none.</param>
/// <param name="LastFailure">Start of the last failure; null: none.</param>
public sealed record ProviderState(int Requests, int Failures, string? Trouble, TimeSpan? Median, DateTimeOffset? LastSuccess, DateTimeOffset? LastFailure)
{
    /// <summary>True: at least half of the requests fail.</summary>
    public bool IsFailing => Failures > 0 && Failures * 2 >= Requests;
}
