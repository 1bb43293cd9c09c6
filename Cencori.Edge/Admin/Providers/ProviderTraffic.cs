using Cencori.Edge.Errors;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Providers;

/// <summary>How a project's providers do, by its own requests of the last minutes.</summary>
internal sealed class ProviderTraffic(ReadDatabase database, TimeProvider time)
{
    /// <summary>How far back it looks.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(15);

    /// <summary>Of more requests only the newest are looked at.</summary>
    public const int MaxRequests = 2_000;

    /// <summary>Only those are there that have had a request.</summary>
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

    // What the edge refuses says nothing of the provider that it would have gone to.
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

    // A request that is wrong is no failure of the provider's.
    private static string? TroubleOf(RequestRecord record) => record switch
    {
        { ErrorCode: "PROVIDER_AUTH_FAILED" } => "The credential is refused (401): replace it.",
        { ErrorCode: "PROVIDER_TIMEOUT" } => "It does not answer in time.",
        { ErrorCode: "PROVIDER_UNAVAILABLE" } => record.Reason == Egress.EgressGuard.Reason ? "The edge does not connect to its address: it is not public." : "It cannot be reached.",
        { ErrorCode: "PROVIDER_ERROR" } => "It breaks off, or its answers cannot be read.",
        { Outcome: RequestOutcome.Error, Status: 403 } => "It refuses requests (403): the credential may not do this.",
        { Outcome: RequestOutcome.Error, Status: 402 or 429 } => $"Its own limits are reached ({record.Status}).",
        { Outcome: RequestOutcome.Error, Status: >= 500 } => $"It fails ({record.Status}).",
        _ => null,
    };
}

/// <param name="States">By provider and environment.</param>
/// <param name="Since">The requests before it were too many to be looked at; null: all of the period were.</param>
public sealed record ProviderTrafficView(IReadOnlyDictionary<(string Provider, KeyEnvironment Environment), ProviderState> States, DateTimeOffset? Since);

/// <summary>How a provider does.</summary>
/// <param name="Requests">Those that it was sent.</param>
/// <param name="Failures">Those of them that it has failed.</param>
/// <param name="Trouble">The most frequent of those failures, in words; null: there is none.</param>
/// <param name="Median">How long half of its successes took at most; null: there is none.</param>
/// <param name="LastSuccess">When the last one began; null: there is none.</param>
/// <param name="LastFailure">Likewise of failures.</param>
public sealed record ProviderState(int Requests, int Failures, string? Trouble, TimeSpan? Median, DateTimeOffset? LastSuccess, DateTimeOffset? LastFailure)
{
    /// <summary>As many requests fail as do not, or more.</summary>
    public bool IsFailing => Failures > 0 && Failures * 2 >= Requests;
}
