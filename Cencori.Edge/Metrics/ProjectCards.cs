using System.Data.Common;
using System.Globalization;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Metrics;

/// <summary>The usage of a project in one hour or one day.</summary>
/// <param name="Start">The start of the hour or day.</param>
/// <param name="Requests">All requests.</param>
/// <param name="Errors">Failed requests as <c>/v1/metrics</c> counts them, including those that limits refused.</param>
/// <param name="Picodollars">The cost in units of <see cref="Storage.Picodollars"/>.</param>
/// <param name="Unpriced">Number of requests with unknown cost.</param>
public readonly record struct ProjectHour(DateTimeOffset Start, long Requests, long Errors, long Picodollars, long Unpriced)
{
    public decimal CostUsd => Storage.Picodollars.ToUsd(Picodollars);

    internal ProjectHour Plus(ProjectHour other) =>
        new(Start, Requests + other.Requests, Errors + other.Errors, Storage.Picodollars.Add(Picodollars, other.Picodollars), Unpriced + other.Unpriced);
}

/// <summary>The recent usage of one project.</summary>
/// <param name="Hours">The last 24 hours, oldest first; the last hour has not ended.</param>
/// <param name="Today">The current day in UTC.</param>
public sealed record ProjectCard(IReadOnlyList<ProjectHour> Hours, ProjectHour Today);

/// <summary>The recent usage of all projects.</summary>
/// <param name="AsOf">When the values were read.</param>
/// <param name="Projects">Cards by project id; projects without a request in 24 hours are missing.</param>
public sealed record ProjectCardList(DateTimeOffset AsOf, IReadOnlyDictionary<string, ProjectCard> Projects);

/// <summary>Reads the cards of all projects with one statement, at most once per <see cref="Interval"/>.</summary>
public sealed class ProjectCards(ReadDatabase database, ThrottledFlush flush, TimeProvider time) : IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private const int Hours = 24;

    // Picodollars per microdollar. A sum of picodollars could overflow 64 bits, so whole microdollars and the remainder are summed separately.
    private const long Micro = 1_000_000;

    private readonly SemaphoreSlim _alone = new(1, 1);
    private (ProjectCardList Cards, long ReadAt)? _last;

    /// <exception cref="DatabaseBusyException">The database is busy. Another attempt may succeed.</exception>
    public async Task<ProjectCardList> ReadAsync(CancellationToken cancellation)
    {
        await _alone.WaitAsync(cancellation);
        try
        {
            if (_last is not { } last || time.GetElapsedTime(last.ReadAt) >= Interval)
            {
                await flush.EnsureAsync(cancellation);
                var cards = await database.ReadAsync(connection => ReadAsync(connection, time.GetUtcNow(), cancellation), cancellation);
                _last = last = (cards, time.GetTimestamp());
            }

            return last.Cards;
        }
        finally
        {
            _alone.Release();
        }
    }

    public void Dispose() => _alone.Dispose();

    private static async Task<ProjectCardList> ReadAsync(DbConnection connection, DateTimeOffset now, CancellationToken cancellation)
    {
        var first = RollupKey.HourOf(now) - Hours + 1;
        var today = RollupKey.HourOf(new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero));
        await using var command = connection.CreateCommand();
        command.CommandText =
            $"""
            SELECT "ProjectId", "Hour", SUM("Requests"), SUM("Errors" + "RateLimited"), SUM("Picodollars" / {Micro}), SUM("Picodollars" % {Micro}), SUM("Unpriced")
            FROM usage_rollups WHERE "Hour" >= @first GROUP BY "ProjectId", "Hour"
            """;
        command.Add("first", first);
        var projects = new Dictionary<string, (ProjectHour[] Hours, ProjectHour Today)>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var project = reader.GetString(0);
            if (!projects.TryGetValue(project, out var card))
            {
                card = ([.. Enumerable.Range(0, Hours).Select(index => new ProjectHour(RollupKey.StartOf(first + index), 0, 0, 0, 0))], new(RollupKey.StartOf(today), 0, 0, 0, 0));
            }

            // Another edge's clock may be ahead of this edge's clock. Sums of an hour in the future are added to the current hour.
            var index = (int)Math.Min(reader.GetInt64(1) - first, Hours - 1);
            var sum = new ProjectHour(default, Whole(2), Whole(3), Cost(Whole(4), Whole(5)), Whole(6));
            card.Hours[index] = card.Hours[index].Plus(sum);
            projects[project] = reader.GetInt64(1) >= today ? (card.Hours, card.Today.Plus(sum)) : card;
        }

        return new(now, projects.ToDictionary(project => project.Key, project => new ProjectCard(project.Value.Hours, project.Value.Today)));

        // PostgreSQL returns sums of bigint as numeric.
        long Whole(int column) => Convert.ToInt64(reader.GetValue(column), CultureInfo.InvariantCulture);
    }

    private static long Cost(long micro, long rest) => micro > (long.MaxValue - rest) / Micro ? long.MaxValue : (micro * Micro) + rest;
}
