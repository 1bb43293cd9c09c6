using System.Buffers;
using System.Data.Common;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Cencori.Edge.Records.Sql;

/// <summary>A prepared statement of SQLite that runs once for each of many rows. Not thread-safe.</summary>
/// <remarks>
/// ADO.NET boxes each value and looks it up by name, which takes longer than SQLite's insert. A text or number that equals the value of the previous row
/// is not bound again, because most values of records repeat.
/// </remarks>
internal sealed class SqliteStatement : IDisposable
{
    private const int MaxBytesOfText = RecordText.MaxLength * 3;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly nint _pointer;
    private readonly Value[] _values;

    // Memory from which SQLite reads the texts, with a fixed slot for each parameter.
    private readonly byte[] _texts;
    private readonly GCHandle _pin;

    /// <param name="transaction">A transaction of SQLite.</param>
    /// <param name="sql">SQL with <c>?</c> for each parameter.</param>
    /// <param name="parameters">Number of parameters.</param>
    public SqliteStatement(DbTransaction transaction, string sql, int parameters)
    {
        _database = ((SqliteTransaction)transaction).Connection!.Handle!;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(_database, sql, out _statement), _database);
        _pointer = _statement.DangerousGetHandle();
        _values = new Value[parameters];
        _texts = ArrayPool<byte>.Shared.Rent(parameters * MaxBytesOfText);
        _pin = GCHandle.Alloc(_texts, GCHandleType.Pinned);
    }

    private enum Kind : byte
    {
        /// <summary>NULL is bound. The initial state of every parameter.</summary>
        Null,
        Text,
        Number,
        Blob,
    }

    /// <param name="parameter">Number of the parameter, from 1.</param>
    /// <param name="text">The value, cut and cleaned by <see cref="RecordText"/>.</param>
    public void Bind(int parameter, string? text)
    {
        ref var bound = ref _values[parameter - 1];
        if (text is null)
        {
            BindNull(parameter, ref bound);
        }
        else if (bound.Kind != Kind.Text || !string.Equals(bound.Text, text))
        {
            var start = (parameter - 1) * MaxBytesOfText;
            var length = Encoding.UTF8.GetBytes(RecordText.Keep(text), _texts.AsSpan(start, MaxBytesOfText));
            Check(SqliteNative.BindText(_pointer, parameter, Marshal.UnsafeAddrOfPinnedArrayElement(_texts, start), length, SqliteNative.Static));
            bound = new Value(Kind.Text, 0, text);
        }
    }

    /// <param name="parameter">Number of the parameter, from 1.</param>
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
            Check(SqliteNative.BindInt64(_pointer, parameter, value));
            bound = new Value(Kind.Number, value, null);
        }
    }

    /// <param name="parameter">Number of the parameter, from 1.</param>
    /// <param name="blob">The value.</param>
    public void Bind(int parameter, byte[] blob)
    {
        Check(SqliteNative.BindBlob(_pointer, parameter, blob, blob.Length, SqliteNative.Transient));
        _values[parameter - 1] = new Value(Kind.Blob, 0, null);
    }

    /// <param name="parameter">Number of the parameter, from 1.</param>
    /// <param name="id">The id. It is bound in the form of <see cref="PackedRequestId"/>.</param>
    public void BindRequestId(int parameter, string id)
    {
        var start = (parameter - 1) * MaxBytesOfText;
        var length = PackedRequestId.Pack(id, _texts.AsSpan(start, MaxBytesOfText));
        Check(SqliteNative.BindBlob(_pointer, parameter, Marshal.UnsafeAddrOfPinnedArrayElement(_texts, start), length, SqliteNative.Static));
        _values[parameter - 1] = new Value(Kind.Blob, 0, null);
    }

    /// <param name="parameter">Number of the parameter, from 1.</param>
    /// <param name="json">The value, of any length. Not compared with the previous row, because few rows have JSON.</param>
    public void BindJson(int parameter, string? json)
    {
        ref var bound = ref _values[parameter - 1];
        if (json is null)
        {
            BindNull(parameter, ref bound);
            return;
        }

        var utf8 = Encoding.UTF8.GetBytes(json);
        Check(SqliteNative.BindText(_pointer, parameter, utf8, utf8.Length, SqliteNative.Transient));
        bound = new Value(Kind.Blob, 0, null);
    }

    /// <summary>Runs the statement with the values bound so far.</summary>
    public void Run()
    {
        _ = SqliteNative.Step(_pointer);

        // Checks the result of reset, which returns the error of the step.
        Check(SqliteNative.Reset(_pointer));
    }

    public void Dispose()
    {
        _statement.Dispose();
        _pin.Free();
        ArrayPool<byte>.Shared.Return(_texts);
    }

    private void BindNull(int parameter, ref Value bound)
    {
        if (bound.Kind != Kind.Null)
        {
            Check(SqliteNative.BindNull(_pointer, parameter));
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
