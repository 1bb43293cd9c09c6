using System.Runtime.InteropServices;

namespace Cencori.Edge.Records.Sql;

/// <summary>Functions of SQLite that are called for each value of each row. The names are SQLite's.</summary>
/// <remarks>
/// In the library that Microsoft.Data.Sqlite uses, too, but without what its wrappers do on each call: counting references to the
/// handle and copying the value. Those that only note a value skip the switch out of managed code as well.
/// </remarks>
internal static class SqliteNative
{
    /// <summary>What SQLite is given stays where it is until the statement has run.</summary>
    public const nint Static = 0;

    /// <summary>SQLite copies what it is given.</summary>
    public const nint Transient = -1;

    private const string Library = "e_sqlite3";

    [DllImport(Library, EntryPoint = "sqlite3_bind_null"), SuppressGCTransition]
    public static extern int BindNull(nint statement, int parameter);

    [DllImport(Library, EntryPoint = "sqlite3_bind_int64"), SuppressGCTransition]
    public static extern int BindInt64(nint statement, int parameter, long value);

    [DllImport(Library, EntryPoint = "sqlite3_bind_text"), SuppressGCTransition]
    public static extern int BindText(nint statement, int parameter, nint utf8, int length, nint lifetime);

    // It copies, and may take as long as that.
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
