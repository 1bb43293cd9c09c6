using System.Runtime.InteropServices;

namespace Cencori.Edge.Records.Sql;

/// <summary>Direct calls of SQLite's functions that run for each value of each row. Names are those of SQLite.</summary>
/// <remarks>
/// They call the library that Microsoft.Data.Sqlite uses, but without the cost of its wrappers: reference counting of the handle and a copy of the value
/// in each call. Functions that only store a pointer or a number also skip the GC transition.
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

    // This function copies the value and may take long, so it does not skip the GC transition.
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
