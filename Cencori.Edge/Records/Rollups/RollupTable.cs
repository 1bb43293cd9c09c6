using System.Data.Common;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage;
using Microsoft.Data.Sqlite;

namespace Cencori.Edge.Records.Rollups;

/// <summary>Reads and writes one table of roll-ups, with SQL for both SQLite and PostgreSQL. A key can have several rows. Readers add them up.</summary>
internal sealed class RollupTable
{
    /// <summary>The columns of sums, in the order in which <see cref="AddSums"/> reads them.</summary>
    public const string SumColumns =
        """
        "Success", "Errors", "Filtered", "RateLimited", "Cancelled", "PromptTokens", "CachedTokens", "CompletionTokens", "Picodollars", "Unpriced", "LatencyMicroseconds", "Latencies", "FirstBytes"
        """;

    /// <summary>The writer id of merged rows. Real writer ids are never negative.</summary>
    public const long Merged = -1;

    // Functions that return the values of the integer columns, in the order of SumColumns.
    private static readonly Func<UsageSums, long>[] Counters =
    [
        static sums => sums.Success, static sums => sums.Errors, static sums => sums.Filtered, static sums => sums.RateLimited, static sums => sums.Cancelled,
        static sums => sums.PromptTokens, static sums => sums.CachedTokens, static sums => sums.CompletionTokens, static sums => sums.Picodollars, static sums => sums.Unpriced,
        static sums => sums.LatencyMicroseconds,
    ];

    // All environments. In the primary key the environment comes before the period, so a query uses the index for periods only if it lists the environments.
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

    /// <summary>Sums by day, provider and model; see <see cref="UsageDayRecord"/> and <see cref="RollupDays"/>.</summary>
    public static RollupTable Days { get; } = new("usage_days", "Day", "Provider", "Model");

    /// <summary>Sums by day and key, and by day and agent; see <see cref="CallerDayRecord"/>.</summary>
    public static RollupTable CallerDays { get; } = new("caller_days", "Day", "Kind", "CallerId");

    /// <summary>Sums by hour, provider and model; see <see cref="UsageRollupRecord"/>.</summary>
    public static RollupTable Hours { get; } = new("usage_rollups", "Hour", "Provider", "Model", days: Days);

    /// <summary>Sums by minute, provider and model, for the last two days; see <see cref="UsageMinuteRecord"/>. A writer never loads its earlier rows of this table: late records get new rows.</summary>
    public static RollupTable Minutes { get; } = new("usage_minutes", "Minute", "Provider", "Model", hasParts: true);

    /// <summary>Sums by hour and key, and by hour and agent; see <see cref="CallerRollupRecord"/>.</summary>
    public static RollupTable Callers { get; } = new("caller_rollups", "Hour", "Kind", "CallerId", days: CallerDays);

    public string Name { get; }

    /// <summary>The table that sums up the rows of this table by day. Null: there is none.</summary>
    public RollupTable? ByDay { get; }

    public bool IsOfDays => this == Days || this == CallerDays;

    /// <summary>Name of the column of <see cref="RollupKey.Period"/>, quoted. The next two names are quoted too.</summary>
    public string Period { get; }

    public string Kind { get; }

    public string NameColumn { get; }

    /// <summary>Names of the primary key's columns, quoted.</summary>
    public string KeyColumns => _keyColumns;

    /// <summary>Inserts rows of the writer (edge process) <paramref name="writerId"/>. Replaces rows that exist.</summary>
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

    /// <summary>Loads into the cache all rows of the writer <paramref name="writerId"/> for the period <paramref name="from"/> and later periods.</summary>
    public async Task LoadAsync(DbTransaction transaction, long writerId, long from, RollupCache cache, CancellationToken cancellation)
    {
        cache.Reset(from);
        await using var command = transaction.CreateCommand($"""SELECT {RowColumns} FROM {Name} WHERE {Period} >= @from AND "WriterId" = @writer""");
        command.Add("from", from);
        command.Add("writer", writerId);
        await ReadAsync(command, cache.Load, cancellation);
    }

    /// <summary>Finds the periods in a range for which a project has rows of several writers.</summary>
    public async Task<List<(long Period, string ProjectId)>> SharedAsync(DbConnection connection, long from, long before, CancellationToken cancellation)
    {
        await using var command = connection.CreateUpkeepCommand();
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

    /// <summary>The writers that have rows for a project's period, in ascending order. All transactions lock writers in this order, which avoids deadlocks.</summary>
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

    /// <summary>Deletes the rows that a writer has for one period of a project, and passes the rows to <paramref name="take"/>.</summary>
    public async Task TakeAsync(DbTransaction transaction, long writerId, long period, string projectId, Action<RollupKey, UsageSums> take, CancellationToken cancellation)
    {
        await using var command = transaction.CreateCommand(
            $"""DELETE FROM {Name} WHERE {Period} = @period AND "WriterId" = @writer AND "ProjectId" = @project RETURNING {RowColumns}""");
        command.Add("period", period);
        command.Add("writer", writerId);
        command.Add("project", projectId);
        await ReadAsync(command, take, cancellation);
    }

    /// <summary>Reads all rows of a project in a range of periods.</summary>
    public async Task ReadAsync(DbTransaction transaction, string projectId, long first, long last, Action<RollupKey, UsageSums> read, CancellationToken cancellation)
    {
        await using var command = transaction.CreateCommand(
            $"""SELECT {RowColumns} FROM {Name} WHERE "ProjectId" = @project AND "Environment" IN ({Environments}) AND {Period} BETWEEN @first AND @last""");
        command.Add("project", projectId);
        command.Add("first", first);
        command.Add("last", last);
        await ReadAsync(command, read, cancellation);
    }

    /// <summary>Adds the values of <see cref="SumColumns"/> to <paramref name="sums"/>. They begin at column <paramref name="first"/> of the reader.</summary>
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
