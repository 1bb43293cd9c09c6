using System.Runtime.InteropServices;

namespace Cencori.Edge.Records.Sql;

/// <summary>Functions of SQLite that are called for each value of each row, under SQLite's names.</summary>
/// <remarks>
/// From the same library that Microsoft.Data.Sqlite uses, but without the cost of its wrappers per call: reference counting of the handle and a copy
/// of the value. Functions that only store a pointer or a number also skip the GC transition.
/// </remarks>
internal static class SqliteNative
{
    /// <summary>SQLite uses the caller's memory, which must stay in place until the statement has run.</summary>
    public const nint Static = 0;

    /// <summary>SQLite copies the value.</summary>
    public const nint Transient = -1;

    private const string Library = "e_sqlite3";

    [DllImport(Library, EntryPoint = "sqlite3_bind_null"), SuppressGCTransition]
    public static extern int BindNull(nint statement, int parameter);

    [DllImport(Library, EntryPoint = "sqlite3_bind_int64"), SuppressGCTransition]
    public static extern int BindInt64(nint statement, int parameter, long value);

    [DllImport(Library, EntryPoint = "sqlite3_bind_text"), SuppressGCTransition]
    public static extern int BindText(nint statement, int parameter, nint utf8, int length, nint lifetime);

    // Copies the value and may take long, so it keeps the GC transition.
    [DllImport(Library, EntryPoint = "sqlite3_bind_text")]
    public static extern int BindText(nint statement, int parameter, byte[] utf8, int length, nint lifetime);

    [DllImport(Library, EntryPoint = "sqlite3_bind_blob"), SuppressGCTransition]
    public static extern int BindBlob(nint statement, int parameter, nint value, int length, nint lifetime);

    [DllImport(Library, EntryPoint = "sqlite3_bind_blob")]
    public static extern int BindBlob(nint statement, int parameter, byte[] value, int length, nint lifetime);

    [DllImport(Library, EntryPoint = "sqlite3_step")]
    public static extern int Step(nint statement);

    [DllImport(Library, EntryPoint = "sqlite3_reset")]
    public static extern int Reset(nint statement);
}
