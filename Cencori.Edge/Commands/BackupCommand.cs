using Cencori.Edge.Storage.Moves;
using Cencori.Edge.Storage.Systems;
using Microsoft.Data.Sqlite;

namespace Cencori.Edge.Commands;

/// <summary><c>Cencori.Edge backup</c>: copies the database of a data directory, even while an edge uses it.</summary>
internal static class BackupCommand
{
    private const string ForPostgres =
        "Storage:Provider is Postgres: back up the database with PostgreSQL's own pg_dump (pg_dump --format=custom --file=edge.dump …). Back up the master key separately.";

    public static Command Command { get; } = new(
        "backup", "<file>", "copies the SQLite database to a file, also while an edge runs",
        """
        Writes the database of Storage:DataDirectory to a new file, as of one moment: projects, keys, credentials (sealed), settings, records of
        requests, sums, payloads (sealed) and the audit log. An edge may run there meanwhile. Only its owner can read the file (0600). It is checked before it
        gets its name, and never overwrites a file.

        The master key is NOT in it, so the file alone opens no credential. Keep a copy of master.key (or of Secrets:MasterKey) apart from it:
        without it credentials, webhook secrets and payloads stay sealed. Settings, yarp.json and prices.json are not in it either, nor records that are
        still in the spool: those of the last second, or more when the database could not store them.

        The restore command restores it. For PostgreSQL use pg_dump.

        Exit codes: 0 written; 1 not written; 2 the command line is wrong.
        """,
        RunAsync)
    {
        Operand = "file",
    };

    private static async Task<int> RunAsync(CommandArguments arguments)
    {
        var data = LocalData.Of(arguments);
        RefusePostgres(data, ForPostgres);
        data.NeedDatabase();
        var file = Path.GetFullPath(arguments.Operand);
        if (Path.GetDirectoryName(file) is { } directory && !Directory.Exists(directory))
        {
            throw new CommandException($"There is no directory '{directory}' to write the copy to.", Command.Failed);
        }

        var at = TimeProvider.System.GetUtcNow();
        try
        {
            await RefuseMovedAsync(data.DatabaseFile);
            SqliteCopy.Take(data.DatabaseFile, file);
        }
        catch (Exception exception) when (IsReportable(exception))
        {
            throw new CommandException($"'{data.DatabaseFile}' cannot be copied to '{file}': {exception.Message.TrimEnd('.')}.", Command.Failed);
        }

        Console.WriteLine($"""
            '{file}' is '{data.DatabaseFile}' as it was at {at:yyyy-MM-dd'T'HH:mm:ss'Z'}, {new FileInfo(file).Length:N0} bytes.
            The master key is NOT in it. Keep a copy of {data.MasterKeyPlace} apart from it: without that key stored credentials, webhook secrets and payloads stay sealed.
            To restore it, while no edge runs there: {CommandLine.Program} restore <file>
            """);
        return Command.Done;
    }

    // A job may still back up the file that the edges have left, and its operator would learn that only when the backup is needed.
    private static async Task RefuseMovedAsync(string file)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        MoveCheckpoint? move;
        try
        {
            move = await MoveCheckpoint.ReadAsync(connection);
        }
        catch (SqliteException)
        {
            // The file has no settings. The copy tells what it is.
            return;
        }

        if (move is { FinishedAt: { } moved })
        {
            throw new CommandException($"The data in '{file}' was moved to {move.To} on {moved:yyyy-MM-dd}. Back up that database with PostgreSQL's own pg_dump.", Command.Failed);
        }
    }

    /// <exception cref="CommandException">The data is in PostgreSQL.</exception>
    internal static void RefusePostgres(LocalData data, string message)
    {
        if (string.Equals(data.Settings["Storage:Provider"], "Postgres", StringComparison.OrdinalIgnoreCase))
        {
            throw new CommandException(message, Command.Failed);
        }
    }

    internal static bool IsReportable(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or SqliteException or InvalidDataException or NotSupportedException or ArgumentException;
}
