using System.Buffers;
using System.Data.Common;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Cencori.Edge.Records.Sql;

/// <summary>A prepared statement of SQLite that runs once for each of many rows. Not thread-safe.</summary>
/// <remarks>
/// ADO.NET boxes each value and looks up its parameter by name, which takes longer than SQLite's insert. A text or number that equals the value of the previous
/// row is not bound again, because most values of records repeat.
/// </remarks>
internal sealed class SqliteStatement : IDisposable
{
    private const int MaxBytesOfText = RecordText.MaxLength * 3;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly Value[] _values;

    // The UTF-8 of one text, or the bytes of one id. Can be reused at once, because SQLite copies a value when it is bound.
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(MaxBytesOfText);

    /// <param name="transaction">A transaction of SQLite.</param>
    /// <param name="sql">SQL with <c>?</c> for each parameter.</param>
    /// <param name="parameters">Number of parameters.</param>
    public SqliteStatement(DbTransaction transaction, string sql, int parameters)
    {
        _database = ((SqliteTransaction)transaction).Connection!.Handle!;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(_database, sql, out _statement), _database);
        _values = new Value[parameters];
    }

    private enum Kind : byte
    {
        /// <summary>NULL is bound. The initial state of every parameter.</summary>
        Null,
        Text,
        Number,
        Blob,
    }

    /// <param name="parameter">Number of the parameter in the SQL text. The first one has the number 1.</param>
    /// <param name="text">The value. <see cref="RecordText"/> cuts and cleans it before it is bound. Null is bound as NULL.</param>
    public void Bind(int parameter, string? text)
    {
        ref var bound = ref _values[parameter - 1];
        if (text is null)
        {
            BindNull(parameter, ref bound);
        }
        else if (bound.Kind != Kind.Text || !string.Equals(bound.Text, text))
        {
            BindUtf8(parameter, _buffer.AsSpan(0, Encoding.UTF8.GetBytes(RecordText.Keep(text), _buffer)));
            bound = new Value(Kind.Text, 0, text);
        }
    }

    /// <param name="parameter">Number of the parameter in the SQL text. The first one has the number 1.</param>
    /// <param name="number">The value. Null is bound as NULL.</param>
    public void Bind(int parameter, long? number)
    {
        ref var bound = ref _values[parameter - 1];
        if (number is not { } value)
        {
            BindNull(parameter, ref bound);
        }
        else if (bound.Kind != Kind.Number || bound.Number != value)
        {
            Check(raw.sqlite3_bind_int64(_statement, parameter, value));
            bound = new Value(Kind.Number, value, null);
        }
    }

    /// <param name="parameter">Number of the parameter in the SQL text. The first one has the number 1.</param>
    /// <param name="blob">The value.</param>
    public void Bind(int parameter, byte[] blob)
    {
        Check(raw.sqlite3_bind_blob(_statement, parameter, blob));
        _values[parameter - 1] = new Value(Kind.Blob, 0, null);
    }

    /// <param name="parameter">Number of the parameter in the SQL text. The first one has the number 1.</param>
    /// <param name="id">The id. It is bound in the form of <see cref="PackedRequestId"/>.</param>
    public void BindRequestId(int parameter, string id)
    {
        Check(raw.sqlite3_bind_blob(_statement, parameter, _buffer.AsSpan(0, PackedRequestId.Pack(id, _buffer))));
        _values[parameter - 1] = new Value(Kind.Blob, 0, null);
    }

    /// <param name="parameter">Number of the parameter in the SQL text. The first one has the number 1.</param>
    /// <param name="json">The value, of any length. Null is bound as NULL. Not compared with the previous row, because few rows have JSON.</param>
    public void BindJson(int parameter, string? json)
    {
        ref var bound = ref _values[parameter - 1];
        if (json is null)
        {
            BindNull(parameter, ref bound);
            return;
        }

        BindUtf8(parameter, Encoding.UTF8.GetBytes(json));
        bound = new Value(Kind.Blob, 0, null);
    }

    /// <summary>Runs the statement with the values bound so far.</summary>
    public void Run()
    {
        _ = raw.sqlite3_step(_statement);

        // Checks the result of reset, which returns the error of the step.
        Check(raw.sqlite3_reset(_statement));
    }

    public void Dispose()
    {
        _statement.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    // The library passes an empty span as a null pointer, which would bind NULL.
    private void BindUtf8(int parameter, ReadOnlySpan<byte> utf8) =>
        Check(utf8.IsEmpty ? raw.sqlite3_bind_text(_statement, parameter, "") : raw.sqlite3_bind_text(_statement, parameter, utf8));

    private void BindNull(int parameter, ref Value bound)
    {
        if (bound.Kind != Kind.Null)
        {
            Check(raw.sqlite3_bind_null(_statement, parameter));
            bound = default;
        }
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(result, _database);
        }
    }

    private readonly record struct Value(Kind Kind, long Number, string? Text);
}
