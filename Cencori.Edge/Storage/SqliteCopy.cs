using Microsoft.Data.Sqlite;

namespace Cencori.Edge.Storage;

/// <summary>Whole copies of the SQLite database of an edge, for its user alone. They are there whole or not at all.</summary>
public static class SqliteCopy
{
    // Others may be starting, or have died and left something to be recovered.
    private const int BusyMilliseconds = 10_000;

    private const int HeaderLength = 16;

    private static readonly string[] Companions = ["-wal", "-shm", "-journal"];

    /// <summary>Of a database that may be in use: as it was at one moment. Nobody who uses it has to wait.</summary>
    /// <exception cref="IOException">There is such a file already, or it cannot be written.</exception>
    /// <exception cref="SqliteException">The database cannot be read, or the copy cannot be written.</exception>
    /// <exception cref="InvalidDataException">What was copied is damaged.</exception>
    public static void Take(string database, string copy) => Write(copy, draft =>
    {
        using var source = Open(database);
        using var target = Open(draft);
        source.BackupDatabase(target);
    });

    /// <summary>Of a copy, to where the database is to be.</summary>
    /// <exception cref="IOException">There is such a file already, or one of the two cannot be read or written.</exception>
    /// <exception cref="SqliteException">It is no database.</exception>
    /// <exception cref="InvalidDataException">It is not an edge's, it is damaged, or others use it.</exception>
    public static void Put(string copy, string database)
    {
        // What is written to a database in use is at first beside it.
        if (new FileInfo(copy + Companions[0]) is { Exists: true, Length: > 0 })
        {
            throw new InvalidDataException($"it has changes beside it, in '{copy}{Companions[0]}', as if it were in use");
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

    /// <summary>What there is of a database at this place, or was left of one.</summary>
    public static IReadOnlyList<string> Find(string database) =>
        [.. Companions.Prepend("").Select(suffix => database + suffix).Where(file => new FileInfo(file) is { Exists: true, Length: > 0 })];

    private static void Write(string path, Action<string> fill)
    {
        if (Path.Exists(path))
        {
            throw new IOException($"'{path}' is there already");
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

        // An edge that finds nothing to migrate leaves the mode as it is.
        Ask(connection, "PRAGMA journal_mode = WAL");
        if (Ask(connection, "PRAGMA quick_check(1)") is not "ok")
        {
            throw new InvalidDataException("it is damaged");
        }

        if (Ask(connection, "SELECT COUNT(*) FROM sqlite_master WHERE name IN ('__EFMigrationsHistory', 'projects')") is not 2L)
        {
            throw new InvalidDataException("it is not the database of an edge");
        }
    }

    private static SqliteConnection Open(string path)
    {
        // Whoever pools connections keeps the files open.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ConnectionString);
        connection.Open();
        Ask(connection, $"PRAGMA busy_timeout = {BusyMilliseconds}");
        return connection;
    }

    private static object? Ask(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // All of it stands in the code.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
