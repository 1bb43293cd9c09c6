using System.Data.Common;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Microsoft.Data.Sqlite;

namespace Cencori.Edge.Records.Rollups;

/// <summary>A table of sums, in SQL that SQLite and PostgreSQL both understand. Several rows may be about the same; whoever reads adds them up.</summary>
internal sealed class RollupTable
{
    /// <summary>What <see cref="AddSums"/> reads, in its order.</summary>
    public const string SumColumns =
        """
        "Success", "Errors", "Filtered", "RateLimited", "Cancelled", "PromptTokens", "CachedTokens", "CompletionTokens", "Picodollars", "Unpriced", "LatencyMicroseconds", "Latencies", "FirstBytes"
        """;

    /// <summary>The writer of rows that have been merged. No writer has a negative number.</summary>
    public const long Merged = -1;

    // The numbers among SumColumns.
    private static readonly Func<UsageSums, long>[] Counters =
    [
        static sums => sums.Success, static sums => sums.Errors, static sums => sums.Filtered, static sums => sums.RateLimited, static sums => sums.Cancelled,
        static sums => sums.PromptTokens, static sums => sums.CachedTokens, static sums => sums.CompletionTokens, static sums => sums.Picodollars, static sums => sums.Unpriced,
        static sums => sums.LatencyMicroseconds,
    ];

    // They stand there for the key, which has them before the period.
    private static readonly string Environments = string.Join(", ", Enum.GetValues<KeyEnvironment>().Select(environment => $"{(int)environment}"));

    private readonly string _keyColumns;
    private readonly string[] _columns;
    private readonly bool _hasParts;

    private RollupTable(string name, string period, string kind, string nameColumn, bool hasParts = false, RollupTable? days = null)
    {
        ByDay = days;
        (Name, Period, Kind, NameColumn, _hasParts) = (name, $"\"{period}\"", $"\"{kind}\"", $"\"{nameColumn}\"", hasParts);
        _keyColumns = $"\"ProjectId\", \"Environment\", {Period}, {Kind}, {NameColumn}, \"WriterId\"{(hasParts ? ", \"Part\"" : "")}";
        _columns = [.. $"{_keyColumns}, \"Requests\", {SumColumns}".Split(", ")];
    }

    /// <summary>By day, provider and model; see <see cref="UsageDayRecord"/> and <see cref="RollupDays"/>.</summary>
    public static RollupTable Days { get; } = new("usage_days", "Day", "Provider", "Model");

    /// <summary>By day and key, and by day and agent; see <see cref="CallerDayRecord"/>.</summary>
    public static RollupTable CallerDays { get; } = new("caller_days", "Day", "Kind", "CallerId");

    /// <summary>By hour, provider and model; see <see cref="UsageRollupRecord"/>.</summary>
    public static RollupTable Hours { get; } = new("usage_rollups", "Hour", "Provider", "Model", days: Days);

    /// <summary>By minute, provider and model, of the last two days; see <see cref="UsageMinuteRecord"/>. It is never read for being written.</summary>
    public static RollupTable Minutes { get; } = new("usage_minutes", "Minute", "Provider", "Model", hasParts: true);

    /// <summary>By hour and key, and by hour and agent; see <see cref="CallerRollupRecord"/>.</summary>
    public static RollupTable Callers { get; } = new("caller_rollups", "Hour", "Kind", "CallerId", days: CallerDays);

    public string Name { get; }

    /// <summary>Where the same is summed up by day; null: nowhere.</summary>
    public RollupTable? ByDay { get; }

    public bool IsOfDays => this == Days || this == CallerDays;

    /// <summary>The column of <see cref="RollupKey.Period"/>, quoted; the next two likewise.</summary>
    public string Period { get; }

    public string Kind { get; }

    public string NameColumn { get; }

    /// <summary>The columns of the primary key, quoted.</summary>
    public string KeyColumns => _keyColumns;

    /// <summary>Replaces this writer's rows, or adds them.</summary>
    public async Task WriteAsync(
        DbTransaction transaction, long writerId, IReadOnlyCollection<KeyValuePair<RollupKey, UsageSums>> rows, CancellationToken cancellation)
    {
        if (transaction is SqliteTransaction)
        {
            Write(transaction, writerId, rows);
        }
        else if (rows.Count > 0)
        {
            await using var command = transaction.CreateCommand(Upsert($"SELECT * FROM unnest({string.Join(", ", _columns.Select((_, index) => $"@p{index}"))})"));
            foreach (var column in ByColumn(writerId, [.. rows]))
            {
                command.Add($"p{command.Parameters.Count}", column);
            }

            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    /// <summary>Makes the cache know every row of this writer from a period on.</summary>
    public async Task LoadAsync(DbTransaction transaction, long writerId, long from, RollupCache cache, CancellationToken cancellation)
    {
        cache.Reset(from);
        await using var command = transaction.CreateCommand($"""SELECT {RowColumns} FROM {Name} WHERE {Period} >= @from AND "WriterId" = @writer""");
        command.Add("from", from);
        command.Add("writer", writerId);
        await ReadAsync(command, cache.Load, cancellation);
    }

    /// <summary>The periods from one on and before another of which a project has rows of several writers.</summary>
    public async Task<List<(long Period, string ProjectId)>> SharedAsync(DbConnection connection, long from, long before, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"""SELECT {Period}, "ProjectId" FROM {Name} WHERE {Period} >= @from AND {Period} < @before GROUP BY {Period}, "ProjectId" HAVING MIN("WriterId") < MAX("WriterId")""";
        command.Add("from", from);
        command.Add("before", before);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var shared = new List<(long, string)>();
        while (await reader.ReadAsync(cancellation))
        {
            shared.Add((reader.GetInt64(0), reader.GetString(1)));
        }

        return shared;
    }

    /// <summary>Who has rows of a period of a project, in the order in which every transaction that wants several of them is to enter them.</summary>
    public async Task<List<long>> WritersAsync(DbTransaction transaction, long period, string projectId, CancellationToken cancellation)
    {
        await using var command = transaction.CreateCommand(
            $"""SELECT DISTINCT "WriterId" FROM {Name} WHERE {Period} = @period AND "ProjectId" = @project AND "WriterId" >= 0 ORDER BY "WriterId" """);
        command.Add("period", period);
        command.Add("project", projectId);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var writers = new List<long>();
        while (await reader.ReadAsync(cancellation))
        {
            writers.Add(reader.GetInt64(0));
        }

        return writers;
    }

    /// <summary>Deletes this writer's rows of a period of a project, and gives what they were.</summary>
    public async Task TakeAsync(DbTransaction transaction, long writerId, long period, string projectId, Action<RollupKey, UsageSums> take, CancellationToken cancellation)
    {
        await using var command = transaction.CreateCommand(
            $"""DELETE FROM {Name} WHERE {Period} = @period AND "WriterId" = @writer AND "ProjectId" = @project RETURNING {RowColumns}""");
        command.Add("period", period);
        command.Add("writer", writerId);
        command.Add("project", projectId);
        await ReadAsync(command, take, cancellation);
    }

    /// <summary>Reads all rows of periods of a project.</summary>
    public async Task ReadAsync(DbTransaction transaction, string projectId, long first, long last, Action<RollupKey, UsageSums> read, CancellationToken cancellation)
    {
        await using var command = transaction.CreateCommand(
            $"""SELECT {RowColumns} FROM {Name} WHERE "ProjectId" = @project AND "Environment" IN ({Environments}) AND {Period} BETWEEN @first AND @last""");
        command.Add("project", projectId);
        command.Add("first", first);
        command.Add("last", last);
        await ReadAsync(command, read, cancellation);
    }

    /// <summary>Reads <see cref="SumColumns"/>, the first of which is the reader's column <paramref name="first"/>, on top of what <paramref name="sums"/> holds.</summary>
    public static void AddSums(DbDataReader reader, int first, UsageSums sums)
    {
        sums.Success += reader.GetInt64(first);
        sums.Errors += reader.GetInt64(first + 1);
        sums.Filtered += reader.GetInt64(first + 2);
        sums.RateLimited += reader.GetInt64(first + 3);
        sums.Cancelled += reader.GetInt64(first + 4);
        sums.PromptTokens += reader.GetInt64(first + 5);
        sums.CachedTokens += reader.GetInt64(first + 6);
        sums.CompletionTokens += reader.GetInt64(first + 7);
        sums.Picodollars = Picodollars.Add(sums.Picodollars, reader.GetInt64(first + 8));
        sums.Unpriced += reader.GetInt64(first + 9);
        sums.LatencyMicroseconds += reader.GetInt64(first + 10);
        sums.Latencies.Add(reader.GetFieldValue<byte[]>(first + 11));
        sums.FirstBytes.Add(reader.GetFieldValue<byte[]>(first + 12));
    }

    private string RowColumns => $"{Period}, \"ProjectId\", \"Environment\", {Kind}, {NameColumn}, {SumColumns}";

    private static async Task ReadAsync(DbCommand command, Action<RollupKey, UsageSums> read, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var key = new RollupKey(reader.GetInt64(0), reader.GetString(1), (KeyEnvironment)reader.GetInt16(2), reader.GetString(3), reader.GetString(4));
            var sums = new UsageSums();
            AddSums(reader, first: 5, sums);
            read(key, sums);
        }
    }

    private void Write(DbTransaction transaction, long writerId, IEnumerable<KeyValuePair<RollupKey, UsageSums>> rows)
    {
        using var statement = new SqliteStatement(transaction, Upsert($"VALUES ({string.Join(", ", _columns.Select(_ => "?"))})"), _columns.Length);
        foreach (var (key, sums) in rows)
        {
            statement.Bind(1, key.ProjectId);
            statement.Bind(2, (long)key.Environment);
            statement.Bind(3, key.Period);
            statement.Bind(4, key.Kind);
            statement.Bind(5, key.Name);
            statement.Bind(6, writerId);
            var parameter = 6;
            if (_hasParts)
            {
                statement.Bind(++parameter, sums.Part);
            }

            statement.Bind(++parameter, sums.Requests);
            foreach (var counter in Counters)
            {
                statement.Bind(++parameter, counter(sums));
            }

            statement.Bind(++parameter, sums.Latencies.ToArray());
            statement.Bind(++parameter, sums.FirstBytes.ToArray());
            statement.Run();
        }
    }

    private string Upsert(string values) =>
        $"INSERT INTO {Name} ({string.Join(", ", _columns)}) {values} ON CONFLICT ({_keyColumns}) DO UPDATE SET \"Requests\" = excluded.\"Requests\", {string.Join(", ", SumColumns.Split(", ").Select(column => $"{column} = excluded.{column}"))}";

    private IEnumerable<Array> ByColumn(long writerId, KeyValuePair<RollupKey, UsageSums>[] rows)
    {
        yield return Array.ConvertAll(rows, row => row.Key.ProjectId);
        yield return Array.ConvertAll(rows, row => (short)row.Key.Environment);
        yield return Array.ConvertAll(rows, row => row.Key.Period);
        yield return Array.ConvertAll(rows, row => row.Key.Kind);
        yield return Array.ConvertAll(rows, row => row.Key.Name);
        yield return Array.ConvertAll(rows, _ => writerId);
        if (_hasParts)
        {
            yield return Array.ConvertAll(rows, row => row.Value.Part);
        }

        yield return Array.ConvertAll(rows, row => row.Value.Requests);
        foreach (var counter in Counters)
        {
            yield return Array.ConvertAll(rows, row => counter(row.Value));
        }

        yield return Array.ConvertAll(rows, row => row.Value.Latencies.ToArray());
        yield return Array.ConvertAll(rows, row => row.Value.FirstBytes.ToArray());
    }
}
