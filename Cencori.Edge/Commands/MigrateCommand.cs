using System.Globalization;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Spool;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Moves;
using Cencori.Edge.Storage.Secrets;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Storage.Systems;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Cencori.Edge.Commands;

/// <summary><c>Cencori.Edge migrate</c>: moves a data directory's database to PostgreSQL.</summary>
internal static class MigrateCommand
{
    private const string To = "--to";

    // Minimum time between two progress lines about one table.
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(2);

    public static Command Command { get; } = new(
        "migrate", "[--to <connection>]", "moves the SQLite database of a data directory to PostgreSQL",
        """
        Moves what is in Storage:DataDirectory to an empty PostgreSQL database: projects, keys, credentials, settings, records of requests (with those in
        the spool), sums, payloads and the audit log. No edge may run in the directory, and none may have started on the database.

          --to <connection>    Host=…;Database=…;Username=…;Password=…; default: Storage:ConnectionString, which process lists do not show

        When it is interrupted, run it again and it continues. At the end it compares row counts. Until then neither database can be used.
        Afterwards give every edge Storage:Provider=Postgres, the Storage:ConnectionString, and the same master key. The SQLite file stays unchanged, and no
        edge starts with it unless Storage:AllowSwitch=true.

        Exit codes: 0 everything was moved; 1 not everything, or it failed; 2 the command line is wrong.
        """,
        RunAsync)
    {
        Options = [To],
    };

    private static async Task<int> RunAsync(CommandArguments arguments)
    {
        var data = LocalData.Of(arguments);
        var settings = Understand(arguments[To], data.Settings);
        data.NeedDatabase();
        var system = new PostgresSystem(settings);
        try
        {
            return await MoveAsync(data, settings, system);
        }
        catch (StartupException exception) when (exception.InnerException is IOException inner && PrivateFiles.IsSharingViolation(inner))
        {
            throw data.InUse();
        }
        catch (StartupException exception)
        {
            throw new CommandException(exception.Message.Replace($"{PostgresSettings.Setting}:", $"{SourceOf(arguments)}:", StringComparison.Ordinal), Command.Failed);
        }
        catch (Exception exception) when (system.Explain(exception) is { } fault)
        {
            throw new CommandException($"{SourceOf(arguments)}: {system.Name} {fault.Reason}. Remove the cause and run the same command again. Rows that were moved stay in PostgreSQL.", Command.Failed);
        }
        catch (SqliteException exception)
        {
            throw new CommandException($"'{data.DatabaseFile}' cannot be used: {exception.Message.TrimEnd('.')}.", Command.Failed);
        }
    }

    // For error messages: the setting or option that holds the connection string.
    private static string SourceOf(CommandArguments arguments) => arguments[To] is null ? PostgresSettings.Setting : To;

    private static NpgsqlConnectionStringBuilder Understand(string? to, IConfiguration settings)
    {
        var target = to ?? settings[PostgresSettings.Setting];
        if (string.IsNullOrWhiteSpace(target))
        {
            throw new CommandException($"{To}: give the connection string of the PostgreSQL database, such as {PostgresSettings.Example}");
        }

        try
        {
            // 0: no command timeout. Only the operator waits, and a large table may take long.
            return new(PostgresSettings.Parse(target).ConnectionString) { CommandTimeout = 0, Pooling = false };
        }
        catch (StartupException exception)
        {
            throw new CommandException(exception.Message);
        }
    }

    private static async Task<int> MoveAsync(LocalData data, NpgsqlConnectionStringBuilder settings, PostgresSystem system)
    {
        using var host = Host(data);
        var sealer = host.Services.GetRequiredService<SecretSealer>();

        // Locks the directory, as a running edge would, and migrates its SQLite database to the schema of this version.
        await host.Services.GetRequiredService<DatabaseStartup>().PrepareAsync(() => Task.FromResult(sealer));
        await using var heldLock = await system.LockAsync(CancellationToken.None);
        await using var pool = PostgresSettings.Open(settings);
        await using var database = new PostgresEdgeDbContext(new DbContextOptionsBuilder<PostgresEdgeDbContext>().UseNpgsql(pool).Options);
        await Schema.MigrateAsync(database, system);
        await using var source = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = data.DatabaseFile, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ConnectionString);
        await source.OpenAsync();
        await using var target = await pool.OpenConnectionAsync();
        var counts = await new DatabaseMove(source, target, system.Name, Progress(), TimeProvider.System).RunAsync(async () =>
        {
            Console.WriteLine($"'{data.DatabaseFile}' moves to {system.Name}.");

            // This callback runs only if no earlier move has finished. After a finished move, edges on PostgreSQL store the records in the spool.
            await EmptySpoolAsync(host.Services);
        });
        if (counts is null)
        {
            Console.WriteLine("An earlier run has moved this database. Nothing is left to do.");
            return Command.Done;
        }

        var isComplete = Print(counts);
        if (isComplete)
        {
            // Stores a check value in PostgreSQL: from now on no edge with another master key can start on that database.
            await MasterKeyCheck.CheckAsync(database, system, sealer);
            Console.WriteLine($"""
                Everything has arrived. Start the edges with Storage:Provider=Postgres, this Storage:ConnectionString, and the same master key:
                that of {data.MasterKeyPlace}, as Secrets:MasterKey of edges with another data directory.
                """);
        }

        return isComplete ? Command.Done : Command.Failed;
    }

    // Creates a host with the services of an edge that the command needs. It does not run an edge.
    private static IHost Host(LocalData data)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(
        [
            new("Storage:DataDirectory", data.Path),
            new(MasterKey.Setting, data.Settings[MasterKey.Setting]),
        ]);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddStorage(builder.Configuration);
        builder.Services.AddUsage(builder.Configuration);
        return builder.Build();
    }

    // Writes the records in the spool to SQLite, as the next start of an edge would. So the sums are right, and the spool need not be moved.
    private static async Task EmptySpoolAsync(IServiceProvider services)
    {
        var replay = services.GetRequiredService<SpoolReplay>();
        foreach (var spool in RecordSpool.TakeOver(services.GetRequiredService<DataDirectory>().SpoolDirectory, replay.CountQuarantined))
        {
            using (spool)
            {
                if (!await replay.TryAsync(spool, CancellationToken.None))
                {
                    throw new CommandException("Records that wait in the spool cannot be stored in the SQLite database. Free disk space and run the same command again.", Command.Failed);
                }
            }
        }
    }

    private static Action<string, long, long> Progress()
    {
        var (table, reportedAt) = ("", 0L);
        return (name, arrived, total) =>
        {
            if (name != table || arrived == total || TimeProvider.System.GetElapsedTime(reportedAt) > LineInterval)
            {
                (table, reportedAt) = (name, TimeProvider.System.GetTimestamp());
                Console.WriteLine($"{name}: {Text(arrived)} of {Text(total)}{(total > 0 ? $" ({100 * arrived / total} %)" : "")}");
            }
        };
    }

    private static bool Print(IReadOnlyList<(string Table, long Source, long Target)> counts)
    {
        var width = counts.Max(count => count.Table.Length);
        Console.WriteLine($"\n{"table".PadRight(width)}  {"SQLite",14}  {"PostgreSQL",14}");
        foreach (var (table, source, target) in counts)
        {
            Console.WriteLine($"{table.PadRight(width)}  {Text(source),14}  {Text(target),14}{(source == target ? "" : "  DIFFERENT")}");
        }

        Console.WriteLine();
        return counts.All(count => count.Source == count.Target);
    }

    private static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
