using Cencori.Edge.Storage.Secrets;
using Microsoft.Data.Sqlite;

namespace Cencori.Edge.Storage.Systems;

/// <summary>Copies the SQLite database of an edge. Only the edge's user can read a copy. A copy appears complete or not at all.</summary>
public static class SqliteCopy
{
    // How long to wait for a lock on the database. Another edge may be starting, or may have crashed and left a journal to recover.
    private const int BusyMilliseconds = 10_000;

    private const int HeaderLength = 16;

    private static readonly string[] Companions = ["-wal", "-shm", "-journal"];

    /// <summary>Copies a database that may be in use, as one snapshot. Edges that use the database do not have to wait.</summary>
    /// <exception cref="IOException">The target exists already, or cannot be written.</exception>
    /// <exception cref="SqliteException">The database cannot be read, or the copy cannot be written.</exception>
    /// <exception cref="InvalidDataException">The copy is damaged.</exception>
    public static void Take(string database, string copy) => Write(copy, draft =>
    {
        using var source = Open(database);
        using var target = Open(draft);
        source.BackupDatabase(target);
    });

    /// <summary>Restores a copy to the path of the database.</summary>
    /// <exception cref="IOException">The target exists already, or one of the files cannot be read or written.</exception>
    /// <exception cref="SqliteException">The copy is not a database.</exception>
    /// <exception cref="InvalidDataException">The copy is not an edge's database, is damaged, or is in use.</exception>
    public static void Put(string copy, string database)
    {
        // If the copy is a database in use, its newest changes are in the WAL file beside it.
        if (new FileInfo(copy + Companions[0]) is { Exists: true, Length: > 0 })
        {
            throw new InvalidDataException($"its newest changes are in '{copy}{Companions[0]}', so the file may be in use");
        }

        Write(database, draft =>
        {
            using var source = new FileStream(copy, FileMode.Open, FileAccess.Read, FileShare.Read);
            Span<byte> header = stackalloc byte[HeaderLength];
            if (source.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) < HeaderLength || !header.SequenceEqual("SQLite format 3\0"u8))
            {
                throw new InvalidDataException("it is not a SQLite database");
            }

            source.Position = 0;
            using var target = new FileStream(draft, FileMode.Open, FileAccess.Write, FileShare.None);
            source.CopyTo(target);
        });
    }

    /// <summary>The files of a database at this path, including files that a deleted database left behind.</summary>
    public static IReadOnlyList<string> Find(string database) =>
        [.. Companions.Prepend("").Select(suffix => database + suffix).Where(file => new FileInfo(file) is { Exists: true, Length: > 0 })];

    private static void Write(string path, Action<string> fill)
    {
        if (Path.Exists(path))
        {
            throw new IOException($"'{path}' already exists");
        }

        var draft = $"{path}.{Path.GetRandomFileName()}";
        PrivateFiles.Open(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None).Dispose();
        try
        {
            fill(draft);
            Check(draft);
            using (var file = new FileStream(draft, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            {
                file.Flush(flushToDisk: true);
            }

            File.Move(draft, path, overwrite: false);
        }
        catch
        {
            foreach (var file in Companions.Prepend(""))
            {
                File.Delete(draft + file);
            }

            throw;
        }
    }

    private static void Check(string path)
    {
        using var connection = Open(path);

        // Sets WAL mode on the copy, because an edge sets it only when it migrates, and the copy may need no migration.
        Query(connection, "PRAGMA journal_mode = WAL");
        if (Query(connection, "PRAGMA quick_check(1)") is not "ok")
        {
            throw new InvalidDataException("it is damaged");
        }

        if (Query(connection, "SELECT COUNT(*) FROM sqlite_master WHERE name IN ('__EFMigrationsHistory', 'projects')") is not 2L)
        {
            throw new InvalidDataException("it is not the database of an edge");
        }
    }

    private static SqliteConnection Open(string path)
    {
        // The connection is not pooled, because a pool would keep the files open.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ConnectionString);
        connection.Open();
        Query(connection, $"PRAGMA busy_timeout = {BusyMilliseconds}");
        return connection;
    }

    private static object? Query(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The SQL is a constant in the code.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
