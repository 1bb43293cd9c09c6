using Cencori.Edge.Storage;

namespace Cencori.Edge.Commands;

/// <summary><c>Cencori.Edge restore</c>: puts what <c>backup</c> has written into a data directory that has no database.</summary>
internal static class RestoreCommand
{
    private const string ForPostgres = "Storage:Provider is Postgres: restore the database with PostgreSQL's own pg_restore.";

    public static Command Command { get; } = new(
        "restore", "<file>", "puts such a copy back, while no edge runs",
        """
        Puts a file of backup into Storage:DataDirectory, which is made where there is none. It is checked first. No edge may run there, and no database may
        be there: move edge.db away, together with edge.db-wal and edge.db-shm.

        The master key is not in the file: put master.key into the directory too (mode 0600), or set Secrets:MasterKey, before the edge starts. The edge says
        so where it is missing or another one. Records that wait in the directory's spool are added at the next start.

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
                // An empty one is what a start that failed has left.
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
            Console.WriteLine($"Its master key is not there. Put it to '{data.MasterKeyFile}', for the edge's user alone, or set {MasterKey.Setting}, before you start the edge.");
        }

        return Task.FromResult(Command.Done);
    }
}
