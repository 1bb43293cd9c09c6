using Cencori.Edge.Storage.Secrets;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Commands;

/// <summary>
/// <c>Cencori.Edge restore</c>: restores a backup file into a data directory. The file was written by <c>backup</c>; the directory must not contain a
/// database.
/// </summary>
internal static class RestoreCommand
{
    private const string ForPostgres = "Storage:Provider is Postgres: restore the database with PostgreSQL's own pg_restore.";

    public static Command Command { get; } = new(
        "restore", "<file>", "restores a file that backup has written; stop the edge first",
        """
        Puts a file of backup into Storage:DataDirectory, which is created when it does not exist. The file is checked first. No edge may run there, and no database may
        be there: move edge.db away, together with edge.db-wal and edge.db-shm.

        The master key is not in the file: put master.key into the directory too (mode 0600), or set Secrets:MasterKey, before the edge starts. The edge
        reports a missing or different key. Records that wait in the directory's spool are added at the next start.

        Exit codes: 0 restored; 1 not restored; 2 the command line is wrong.
        """,
        Run)
    {
        Operand = "file",
    };

    private static Task<int> Run(CommandArguments arguments)
    {
        var data = LocalData.Of(arguments);
        BackupCommand.RefusePostgres(data, ForPostgres);
        var file = Path.GetFullPath(arguments.Operand);
        if (!File.Exists(file))
        {
            throw new CommandException($"There is no file '{file}'.", Command.Failed);
        }

        using (data.Own(data.Open()))
        {
            if (SqliteCopy.Find(data.DatabaseFile) is { Count: > 0 } found)
            {
                throw new CommandException($"There is a database already: {string.Join(", ", found.Select(path => $"'{path}'"))}. Move all of it away first.", Command.Failed);
            }

            try
            {
                // A failed start may have left an empty database file.
                File.Delete(data.DatabaseFile);
                SqliteCopy.Put(file, data.DatabaseFile);
            }
            catch (Exception exception) when (BackupCommand.IsReportable(exception))
            {
                throw new CommandException($"'{file}' cannot be restored to '{data.Path}': {exception.Message.TrimEnd('.')}.", Command.Failed);
            }
        }

        Console.WriteLine($"'{file}' is now '{data.DatabaseFile}'.");
        if (string.IsNullOrEmpty(data.Settings[MasterKey.Setting]) && !File.Exists(data.MasterKeyFile))
        {
            Console.WriteLine($"The master key of this database is missing. Put the key at '{data.MasterKeyFile}', readable only by the edge's user, or set {MasterKey.Setting}, before you start the edge.");
        }

        return Task.FromResult(Command.Done);
    }
}
