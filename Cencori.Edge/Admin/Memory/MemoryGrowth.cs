using System.Globalization;
using Cencori.Edge.Memory;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Admin.Memory;

/// <summary>Counts the existing memory entries by the day on which they were stored.</summary>
internal sealed class MemoryGrowth(ReadDatabase database, TimeProvider time)
{
    /// <summary>Number of days, including today. Days are UTC.</summary>
    public const int Days = 30;

    // The day is computed from the entry's number, because the high bits of the number are the time.
    private const string SqlOfAll = """
        SELECT (m."Number" - @first) / @each, COUNT(*) FROM memories m
        WHERE m."ProjectId" = @project AND m."Environment" = @environment AND m."Number" >= @first AND (m."ExpiresAt" IS NULL OR m."ExpiresAt" > @now) GROUP BY 1
        """;

    private const string SqlOfOne = """
        SELECT (m."Number" - @first) / @each, COUNT(*) FROM memories m
        WHERE m."ProjectId" = @project AND m."Environment" = @environment AND m."NamespaceId" = @namespace AND m."Number" >= @first AND (m."ExpiresAt" IS NULL OR m."ExpiresAt" > @now) GROUP BY 1
        """;

    /// <param name="projectId">Project id.</param>
    /// <param name="environment">Environment of the keys.</param>
    /// <param name="namespaceId">Namespace id. Null: all namespaces.</param>
    /// <param name="cancellation">Cancels the read.</param>
    /// <returns>Counts of the last <see cref="Days"/> days, oldest first.</returns>
    /// <exception cref="DatabaseBusyException">The database is busy; a retry may succeed.</exception>
    public Task<IReadOnlyList<int>> ReadAsync(string projectId, KeyEnvironment environment, string? namespaceId, CancellationToken cancellation) => database.ReadAsync(async connection =>
    {
        var today = new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        var first = MemoryStore.MinNumberAt(today.AddDays(1 - Days));
        await using var command = connection.CreateCommand();
        command.CommandText = namespaceId is null ? SqlOfAll : SqlOfOne;
        command.Add("project", projectId);
        command.Add("environment", environment.ToString());
        command.Add("first", first);
        command.Add("now", time.GetUtcNow().ToUnixTimeMilliseconds());
        command.Add("each", MemoryStore.MinNumberAt(today.AddDays(2 - Days)) - first);
        if (namespaceId is not null)
        {
            command.Add("namespace", namespaceId);
        }

        var days = new int[Days];
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            // Limits the index, because an entry may be dated tomorrow if the clock of another edge is ahead.
            days[Math.Min(reader.GetInt64(0), Days - 1)] += Convert.ToInt32(reader.GetValue(1), CultureInfo.InvariantCulture);
        }

        return (IReadOnlyList<int>)days;
    }, cancellation);
}
