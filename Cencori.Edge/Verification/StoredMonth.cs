using System.Data.Common;
using System.Globalization;
using Cencori.Edge.Pricing;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Verification;

/// <summary>Sums up a project's month separately from each usage table.</summary>
internal sealed class StoredMonth(EdgeDbContext database, string projectId, BillingMonth month)
{
    // Timeout of one query; long enough for a month with millions of requests.
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    private static readonly KeyEnvironment[] Environments = Enum.GetValues<KeyEnvironment>();

    private readonly long _firstHour = RollupKey.HourOf(month.Start);
    private readonly long _nextHour = RollupKey.HourOf(month.End);

    // Lists the environments so that the query can use the table's key, where the environment comes before the hour.
    private IQueryable<UsageRollupRecord> Hours =>
        database.UsageRollups.Where(row => row.ProjectId == projectId && Environments.Contains(row.Environment) && row.Hour >= _firstHour && row.Hour < _nextHour);

    /// <summary>True: the month has requests before <paramref name="moment"/>. Their records may be deleted already.</summary>
    public Task<bool> HasUseBeforeAsync(DateTimeOffset moment, CancellationToken cancellation)
    {
        var last = RollupKey.HourOf(moment);
        return Hours.AnyAsync(row => row.Hour <= last && (row.Success > 0 || row.Picodollars > 0), cancellation);
    }

    public async Task<MonthSums> SumHoursAsync(CancellationToken cancellation)
    {
        var sums = await Hours.GroupBy(_ => 1).Select(all => new
        {
            Parts = all.Sum(row => row.Picodollars / Picodollars.Part),
            Rest = all.Sum(row => row.Picodollars % Picodollars.Part),
            Requests = all.Sum(row => row.Success),
            InputTokens = all.Sum(row => row.PromptTokens),
            OutputTokens = all.Sum(row => row.CompletionTokens),
        }).SingleOrDefaultAsync(cancellation);
        return sums is null ? default : new MonthSums(Picodollars.ToUsd(sums.Parts, sums.Rest), sums.Requests, sums.InputTokens, sums.OutputTokens);
    }

    /// <summary>The monthly sums of keys: US dollars by key id.</summary>
    public async Task<Dictionary<string, decimal>> SumKeysAsync(CancellationToken cancellation)
    {
        var rows = await database.KeySpend.Where(row => row.ProjectId == projectId && row.Month == month.Number).GroupBy(row => row.KeyId)
            .Select(rows => new { rows.Key, Parts = rows.Sum(row => row.Picodollars / Picodollars.Part), Rest = rows.Sum(row => row.Picodollars % Picodollars.Part) }).ToListAsync(cancellation);
        return rows.ToDictionary(row => row.Key, row => Picodollars.ToUsd(row.Parts, row.Rest));
    }

    /// <summary>Sums of the records of agents: US dollars by agent id. The sums of keys include the same spend.</summary>
    public async Task<Dictionary<string, decimal>> SumAgentsAsync(CancellationToken cancellation)
    {
        await database.Database.OpenConnectionAsync(cancellation);
        await using var command = database.Database.GetDbConnection().CreateCommand();
        command.CommandTimeout = (int)Timeout.TotalSeconds;
        command.CommandText =
            $"""
            SELECT {RecordRow.TextOf("AgentId")}, SUM(r."Picodollars" / {Picodollars.Part}), SUM(r."Picodollars" % {Picodollars.Part})
            FROM request_records AS r
            WHERE r."ProjectId" = {RecordRow.NumberOf("project")} AND r."StartedAt" >= @start AND r."StartedAt" < @end AND r."AgentId" IS NOT NULL
            GROUP BY r."AgentId"
            """;
        Bind(command);
        var found = new Dictionary<string, decimal>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            found.Add(reader.GetString(0), Picodollars.ToUsd(Number(reader, 1), Number(reader, 2)));
        }

        return found;
    }

    /// <summary>Sums of the records by key id. <c>AreTokensKnown</c> is false when a request had more tokens than the column can hold.</summary>
    public async Task<(Dictionary<string, MonthSums> Sums, bool AreTokensKnown)> SumRecordsAsync(CancellationToken cancellation)
    {
        await database.Database.OpenConnectionAsync(cancellation);
        await using var command = database.Database.GetDbConnection().CreateCommand();
        command.CommandTimeout = (int)Timeout.TotalSeconds;
        command.CommandText =
            $"""
            SELECT {RecordRow.TextOf("KeyId")}, SUM(r."Picodollars" / {Picodollars.Part}), SUM(r."Picodollars" % {Picodollars.Part}), SUM(CASE WHEN r."Outcome" IN ({(int)RequestOutcome.Success}, {(int)RequestOutcome.SuccessFallback}) THEN 1 ELSE 0 END), SUM(r."PromptTokens"), SUM(r."CompletionTokens"),
              SUM(CASE WHEN r."PromptTokens" = {int.MaxValue} OR r."CompletionTokens" = {int.MaxValue} THEN 1 ELSE 0 END)
            FROM request_records AS r
            WHERE r."ProjectId" = {RecordRow.NumberOf("project")} AND r."StartedAt" >= @start AND r."StartedAt" < @end
            GROUP BY r."KeyId"
            """;
        Bind(command);
        var (found, areTokensKnown) = (new Dictionary<string, MonthSums>(), true);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            found.Add(reader.GetString(0), new MonthSums(Picodollars.ToUsd(Number(reader, 1), Number(reader, 2)), Number(reader, 3), Number(reader, 4), Number(reader, 5)));
            areTokensKnown &= Number(reader, 6) == 0;
        }

        return (found, areTokensKnown);
    }

    private void Bind(DbCommand command)
    {
        command.Add("project", projectId);
        command.Add("start", month.Start.ToUnixTimeMilliseconds());
        command.Add("end", month.End.ToUnixTimeMilliseconds());
    }

    // SQLite and PostgreSQL return sums as different types. A sum over no rows is null.
    private static decimal Number(DbDataReader reader, int column) => reader.GetValue(column) is not DBNull and var value ? Convert.ToDecimal(value, CultureInfo.InvariantCulture) : 0;
}
