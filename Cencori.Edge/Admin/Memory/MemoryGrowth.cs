using System.Globalization;
using Cencori.Edge.Memory;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Memory;

/// <summary>Of the entries that there are, how many were stored on which day.</summary>
internal sealed class MemoryGrowth(ReadDatabase database, TimeProvider time)
{
    /// <summary>Today's among them. Days are of UTC.</summary>
    public const int Days = 30;

    // The numbers of entries grow with the time, so that an entry's own tells its day.
    private const string SqlOfAll = """
        SELECT (m."Number" - @first) / @each, COUNT(*) FROM memories m
        WHERE m."ProjectId" = @project AND m."Environment" = @environment AND m."Number" >= @first AND (m."ExpiresAt" IS NULL OR m."ExpiresAt" > @now) GROUP BY 1
        """;

    private const string SqlOfOne = """
        SELECT (m."Number" - @first) / @each, COUNT(*) FROM memories m
        WHERE m."ProjectId" = @project AND m."Environment" = @environment AND m."NamespaceId" = @namespace AND m."Number" >= @first AND (m."ExpiresAt" IS NULL OR m."ExpiresAt" > @now) GROUP BY 1
        """;

    /// <param name="projectId">Whose.</param>
    /// <param name="environment">Of whose keys.</param>
    /// <param name="namespaceId">Of this one. Null: of all.</param>
    /// <param name="cancellation">Nobody waits any more.</param>
    /// <returns>The last <see cref="Days"/>, the oldest first.</returns>
    /// <exception cref="DatabaseBusyException">Another try may succeed.</exception>
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
            // By the clock of another edge it may have been tomorrow.
            days[Math.Min(reader.GetInt64(0), Days - 1)] += Convert.ToInt32(reader.GetValue(1), CultureInfo.InvariantCulture);
        }

        return (IReadOnlyList<int>)days;
    }, cancellation);
}
