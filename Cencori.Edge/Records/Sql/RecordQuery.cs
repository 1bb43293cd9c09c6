using System.Data.Common;
using System.Globalization;
using System.Text;

namespace Cencori.Edge.Records.Sql;

/// <summary>
/// Builds queries for the stored records of one project. Nearly all queries use the index of project and start time, in either direction. The
/// database checks other conditions row by row.
/// </summary>
public sealed class RecordQuery
{
    private readonly StringBuilder _range;
    private readonly StringBuilder _filter;
    private readonly List<(string Name, object Value)> _values;

    /// <param name="projectId">The project.</param>
    public RecordQuery(string projectId)
    {
        _range = new($"r.\"ProjectId\" = {RecordRow.NumberOf("project")}");
        _filter = new();
        _values = [("project", projectId)];
    }

    private RecordQuery(RecordQuery other)
    {
        _range = new(other._range.ToString());
        _filter = new(other._filter.ToString());
        _values = [.. other._values];
        IsOldestFirst = other.IsOldestFirst;
    }

    public bool IsOldestFirst { get; private set; }

    /// <summary>True when there are conditions other than the time.</summary>
    public bool HasFilter => _filter.Length > 0;

    public RecordQuery Copy() => new(this);

    /// <summary>Adds a condition.</summary>
    /// <param name="condition">SQL in which <c>r</c> is the table <c>request_records</c>. Must not contain external input.</param>
    /// <param name="values">The parameters of the condition.</param>
    public void Where(string condition, params ReadOnlySpan<(string Name, object Value)> values)
    {
        _filter.Append(" AND ").Append(condition);
        _values.AddRange(values);
    }

    public void From(DateTimeOffset from) => From(from.ToUnixTimeMilliseconds());

    public void Before(DateTimeOffset to) => Before(to.ToUnixTimeMilliseconds());

    /// <summary>Selects only records that started at this time or later.</summary>
    /// <param name="milliseconds">Milliseconds since 1970.</param>
    public void From(long milliseconds) => Range("r.\"StartedAt\" >= {0}", milliseconds);

    /// <summary>Selects only records that started before this time.</summary>
    /// <param name="milliseconds">Milliseconds since 1970.</param>
    public void Before(long milliseconds) => Range("r.\"StartedAt\" < {0}", milliseconds);

    /// <summary>Selects only records older than the one given. The first SQL condition is redundant, but lets the index seek to the start.</summary>
    public void OlderThan(DateTimeOffset at, long id) => Range("r.\"StartedAt\" <= {0} AND (r.\"StartedAt\" < {0} OR r.\"Id\" < {1})", at.ToUnixTimeMilliseconds(), id);

    /// <summary>Selects only records newer than the one given, the oldest first.</summary>
    public void NewerThan(DateTimeOffset at, long id)
    {
        Range("r.\"StartedAt\" >= {0} AND (r.\"StartedAt\" > {0} OR r.\"Id\" > {1})", at.ToUnixTimeMilliseconds(), id);
        IsOldestFirst = true;
    }

    /// <summary>Selects records with one of these texts in a column whose texts are in <c>record_texts</c>. Empty list: no condition. Empty text: records without a value.</summary>
    public void WhereName(string column, params IReadOnlyList<string> texts) => WhereIn(column, texts, RecordRow.NumberOf);

    /// <summary>Like <see cref="WhereName"/>, for a column that stores its text in the row.</summary>
    public void WhereText(string column, params IReadOnlyList<string> texts) => WhereIn(column, texts, static parameter => "@" + parameter);

    /// <summary>Selects records with one of these texts in either of two columns. Empty list: no condition.</summary>
    public void WhereEither(string column, string other, IReadOnlyList<string> texts)
    {
        if (texts.Count > 0)
        {
            var terms = string.Join(", ", texts.Select(text => "@" + Parameter(text)));
            _filter.Append($" AND (r.\"{column}\" IN ({terms}) OR r.\"{other}\" IN ({terms}))");
        }
    }

    /// <summary>Selects records whose column contains one of these texts as a substring. Empty list: no condition. Case matters: SQLite's LIKE would ignore it.</summary>
    public void WhereWithin(string column, IReadOnlyList<string> texts)
    {
        if (texts.Count > 0)
        {
            _filter.Append($" AND ({string.Join(" OR ", texts.Select(text => $"REPLACE(r.\"{column}\", @{Parameter(text)}, '') <> r.\"{column}\""))})");
        }
    }

    public void WhereRequest(string requestId) => Where("r.\"RequestId\" = @request", ("request", PackedRequestId.Pack(requestId)));

    /// <param name="connection">The connection to run on.</param>
    /// <param name="limit">Maximum number of rows.</param>
    public DbCommand ToCommand(DbConnection connection, int limit) => Command(
        connection, $"SELECT {RecordRow.Selected} FROM request_records AS r WHERE {_range}{_filter} ORDER BY r.\"StartedAt\" {Direction}, r.\"Id\" {Direction} LIMIT {limit}");

    /// <summary>
    /// Selects records whose row numbers are above <c>after</c> and up to <c>upTo</c>, the latest first. The unary plus keeps the database from using
    /// the index of project and start time, so that it uses the row numbers.
    /// </summary>
    public DbCommand ToArrivals(DbConnection connection, long after, long upTo, int limit) => Command(
        connection, $"SELECT {RecordRow.Selected} FROM request_records AS r WHERE r.\"Id\" > {after} AND r.\"Id\" <= {upTo} AND +{_range}{_filter} ORDER BY r.\"Id\" DESC LIMIT {limit}");

    /// <summary>Counts all rows of <see cref="ToArrivals"/>, without a limit.</summary>
    public DbCommand ToArrivalCount(DbConnection connection, long after, long upTo) =>
        Command(connection, $"SELECT COUNT(*) FROM request_records AS r WHERE r.\"Id\" > {after} AND r.\"Id\" <= {upTo} AND +{_range}{_filter}");

    /// <summary>Selects columns of <c>request_records</c>, which the SQL must name <c>r</c>. The rows are in any order.</summary>
    public DbCommand ToCommand(DbConnection connection, string columns) => Command(connection, $"SELECT {columns} FROM request_records AS r WHERE {_range}{_filter}");

    /// <summary>Counts the matching records, up to a limit.</summary>
    public DbCommand ToCount(DbConnection connection, int limit) =>
        Command(connection, $"SELECT COUNT(*) FROM (SELECT 1 FROM request_records AS r WHERE {_range}{_filter} LIMIT {limit}) AS found");

    /// <summary>Selects the start time of the record at this position in the time range. Ignores other conditions. No row: the range has fewer records.</summary>
    public DbCommand ToBoundary(DbConnection connection, int rows) =>
        Command(connection, $"SELECT r.\"StartedAt\" FROM request_records AS r WHERE {_range} ORDER BY r.\"StartedAt\" {Direction} LIMIT 1 OFFSET {rows - 1}");

    public async Task<List<StoredRecord>> ReadAsync(DbConnection connection, int limit, CancellationToken cancellation)
    {
        await using var command = ToCommand(connection, limit);
        return await ReadAsync(command, cancellation);
    }

    public static async Task<List<StoredRecord>> ReadAsync(DbCommand command, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<StoredRecord>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(RecordRow.Read(reader));
        }

        return rows;
    }

    private string Direction => IsOldestFirst ? "ASC" : "DESC";

    private DbCommand Command(DbConnection connection, string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in _values)
        {
            command.Add(name, value);
        }

        return command;
    }

    private void WhereIn(string column, IReadOnlyList<string> texts, Func<string, string> term)
    {
        if (texts.Count == 0)
        {
            return;
        }

        var terms = new string[texts.Count];
        for (var index = 0; index < texts.Count; index++)
        {
            terms[index] = term(Parameter(texts[index]));
        }

        var among = terms.Length == 1 ? $"r.\"{column}\" = {terms[0]}" : $"r.\"{column}\" IN ({string.Join(", ", terms)})";
        _filter.Append(" AND ").Append(texts.Contains("") ? $"(r.\"{column}\" IS NULL OR {among})" : among);
    }

    private void Range(string condition, params ReadOnlySpan<object> values)
    {
        var names = new object[values.Length];
        for (var index = 0; index < values.Length; index++)
        {
            names[index] = "@" + Parameter(values[index]);
        }

        _range.Append(" AND ").AppendFormat(CultureInfo.InvariantCulture, condition, names);
    }

    private string Parameter(object value)
    {
        var name = $"v{_values.Count}";
        _values.Add((name, value));
        return name;
    }
}
