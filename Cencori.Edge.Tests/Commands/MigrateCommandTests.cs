using Cencori.Edge.Records;
using Cencori.Edge.Records.Spool;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Moves;
using Cencori.Edge.Storage.Startup;
using Cencori.Edge.Storage.Systems;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Network;
using Cencori.Edge.Tests.Records;
using Cencori.Edge.Tests.Startup;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Cencori.Edge.Tests.Commands;

/// <summary>The command <c>migrate</c>, and the errors of an edge that is started with the wrong provider.</summary>
[Trait(SlowestTests.Trait, "Databases are created, filled and moved, and edges start on both sides.")]
public sealed class MigrateCommandTests(FilledDirectory filled) : IClassFixture<FilledDirectory>, IDisposable
{
    private readonly string _data = filled.Copy();

    [PostgresFact]
    public async Task Everything_is_moved_and_works_on_PostgreSQL()
    {
        await using var target = await PostgresDatabase.CreateAsync();
        var before = filled.Responses;

        // An edge that is started too early says what to do, and leaves nothing that prevents it.
        var early = await Assert.ThrowsAsync<StartupException>(() => StartAsync(target));
        Assert.Contains("Move them with: Cencori.Edge migrate", early.Message, StringComparison.Ordinal);

        var (code, output, errors) = await RunAsync("--to", target.ConnectionString);

        Assert.Equal((0, ""), (code, errors));
        Assert.Matches(@"request_records: \d+ of \d+ \(100 %\)", output);
        Assert.Matches(@"\napi_keys +[1-9]\d* +[1-9]\d*\n", output);
        Assert.DoesNotContain("DIFFERENT", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Password", output, StringComparison.OrdinalIgnoreCase);
        await using (var edge = await StartAsync(target))
        {
            Assert.Equal(before, await FilledDirectory.ReadResponsesAsync(edge));
            using var response = await edge.PostAsync(filled.Key, "/v1/chat/completions", ScriptedEdge.Chat);
            Assert.Equal(200, (int)response.StatusCode);

            // Ids of new rows do not collide with moved rows.
            await edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name = "after the move" });
            await Eventually.IsTrueAsync(async () => await CountAsync(target) == FilledDirectory.Records + 1);
        }

        // From now on PostgreSQL has the current data, so a second move does nothing.
        var (again, reported, _) = await RunAsync("--to", target.ConnectionString);
        Assert.Equal(0, again);
        Assert.Contains("An earlier run has moved this database", reported, StringComparison.Ordinal);
        var copy = Path.Combine(_data, "copy.db");
        var (backup, _, why) = await ProgramRun.ToEndAsync("backup", copy, $"--Storage:DataDirectory={_data}");
        Assert.Equal(1, backup);
        Assert.Matches("was moved to the database .* pg_dump", why);
        Assert.False(File.Exists(copy));
        var refused = await Assert.ThrowsAsync<StartupException>(() => RunningEdge.StartAsync([MasterKey], dataDirectory: _data));
        Assert.Contains("was moved to the database", refused.Message, StringComparison.Ordinal);
        await using var other = await PostgresDatabase.CreateAsync();
        Assert.Contains("was moved to", (await FailAsync("--to", other.ConnectionString)), StringComparison.Ordinal);
        await using (var back = await RunningEdge.StartAsync([MasterKey, "Storage:AllowSwitch=true"], filled.Configure, _data))
        {
            Assert.Equal(before, await FilledDirectory.ReadResponsesAsync(back));
        }

        Assert.Equal(0, (await RunAsync("--to", other.ConnectionString)).Code);
    }

    [PostgresFact]
    public async Task Records_spooled_after_a_move_are_left_to_the_edges_on_PostgreSQL()
    {
        await using var target = await PostgresDatabase.CreateAsync();
        Assert.Equal(0, (await RunAsync("--to", target.ConnectionString)).Code);
        Assert.Empty(Spools);
        using (var spool = new RecordSpool(Path.Combine(_data, "spool"), writerId: 43, long.MaxValue))
        {
            spool.TryAppend([new PendingRecord(Some.Record(id: "of an outage"), 1, HasRow: true)]);
        }

        var (again, reported, _) = await RunAsync("--to", target.ConnectionString);

        Assert.Equal(0, again);
        Assert.Contains("An earlier run has moved this database", reported, StringComparison.Ordinal);
        Assert.Single(Spools);
        await using var edge = await StartAsync(target);
        await Eventually.IsTrueAsync(async () => await CountAsync(target) == FilledDirectory.Records + 1);
    }

    [PostgresFact]
    public async Task An_interrupted_move_continues_where_it_stopped()
    {
        await using var whole = await PostgresDatabase.CreateAsync();
        await using var cut = await PostgresDatabase.CreateAsync();
        Assert.Equal(0, (await RunAsync("--to", whole.ConnectionString)).Code);
        var file = Path.Combine(_data, "edge.db");
        Execute(file, "DELETE FROM settings WHERE \"Name\" = 'move'");
        await using var source = new SqliteConnection($"Data Source={file};Pooling=False");
        await source.OpenAsync();
        await using (var edge = new PostgresEdgeDbContext(new DbContextOptionsBuilder<PostgresEdgeDbContext>().UseNpgsql(cut.ConnectionString).Options))
        {
            await Schema.MigrateAsync(edge, new PostgresSystem(new NpgsqlConnectionStringBuilder(cut.ConnectionString)));
        }

        var (tries, isDone) = (0, false);
        for (; !isDone && tries < 500; tries++)
        {
            var calls = 0;
            await using var target = new NpgsqlConnection(cut.ConnectionString);
            await target.OpenAsync();
            try
            {
                // Each try fails one step later than the one before, so that the move is interrupted once at every step.
                var counts = await new DatabaseMove(source, target, "there", (_, _, _) => ThrowIf(calls++ == tries), TimeProvider.System).RunAsync();
                Assert.All(counts!, count => Assert.Equal(count.Source, count.Target));
                isDone = true;
            }
            catch (TimeZoneNotFoundException)
            {
            }
        }

        Assert.True(isDone);
        Assert.True(tries > 10, $"The move was interrupted only {tries} times.");
        foreach (var table in await TablesAsync(whole))
        {
            var rows = $"SELECT COALESCE(string_agg(t::text, chr(10) ORDER BY t::text), '') FROM \"{table}\" t{(table == "settings" ? " WHERE \"Name\" NOT IN ('move', 'seal_key_id')" : "")}";
            Assert.Equal(await whole.QueryAsync(rows), await cut.QueryAsync(rows));
        }

        static void ThrowIf(bool isTime)
        {
            if (isTime)
            {
                throw new TimeZoneNotFoundException("cut off");
            }
        }
    }

    [PostgresFact]
    public async Task No_edge_starts_on_either_side_before_the_move_is_finished()
    {
        await using var target = await PostgresDatabase.CreateAsync();
        Assert.Equal(0, (await RunAsync("--to", target.ConnectionString)).Code);
        await target.QueryAsync("""UPDATE settings SET "Value" = regexp_replace("Value", '"FinishedAt":"[^"]*"', '"FinishedAt":null') WHERE "Name" = 'move'""");
        Execute(Path.Combine(_data, "edge.db"), """UPDATE settings SET "Value" = replace("Value", '"FinishedAt":"', '"Was":"') WHERE "Name" = 'move'""");

        Assert.Contains("is not finished. Run Cencori.Edge migrate again", (await Assert.ThrowsAsync<StartupException>(() => StartAsync(target))).Message, StringComparison.Ordinal);
        Assert.Contains("is not finished", (await Assert.ThrowsAsync<StartupException>(() => RunningEdge.StartAsync([MasterKey], dataDirectory: _data))).Message, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("--to", target.ConnectionString)).Code);
        await using var edge = await StartAsync(target);
    }

    [PostgresFact]
    public async Task A_target_with_existing_data_is_not_changed()
    {
        await using var target = await PostgresDatabase.CreateAsync();
        await using (await RunningEdge.StartAsync(target.Settings))
        {
        }

        var error = await FailAsync("--to", target.ConnectionString);
        Assert.Contains("has data of its own: ", error, StringComparison.Ordinal);
        Assert.Contains("1 rows of projects", error, StringComparison.Ordinal);
        Assert.Single(Spools);
        await using var edge = await RunningEdge.StartAsync([MasterKey], dataDirectory: _data);
    }

    [PostgresFact]
    public async Task A_running_edge_on_either_side_is_reported()
    {
        await using var target = await PostgresDatabase.CreateAsync();
        await using var edge = await RunningEdge.StartAsync([MasterKey], dataDirectory: _data);
        Assert.Equal($"Storage:DataDirectory: an edge runs in '{_data}'. Stop it first.", await FailAsync("--to", target.ConnectionString));
    }

    [PostgresFact]
    public async Task A_locked_file_may_have_data_so_PostgreSQL_does_not_start_empty()
    {
        await using var target = await PostgresDatabase.CreateAsync();
        await using var locked = new SqliteConnection($"Data Source={Path.Combine(_data, "edge.db")};Pooling=False");
        await locked.OpenAsync();
        await using var command = locked.CreateCommand();
        command.CommandText = "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; CREATE TABLE locked (id INTEGER)";
        await command.ExecuteNonQueryAsync();

        var refused = await Assert.ThrowsAsync<StartupException>(() => RunningEdge.StartAsync(target.Settings, dataDirectory: _data));

        Assert.Contains("another process has locked", refused.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task After_a_change_of_provider_the_edge_says_where_the_data_is()
    {
        await using var target = await PostgresDatabase.CreateAsync();
        string[] existing = [.. target.Settings];
        var refused = await Assert.ThrowsAsync<StartupException>(() => RunningEdge.StartAsync(existing, dataDirectory: _data));
        Assert.Matches(@"^Storage:Provider: '.*edge\.db' has \d+ projects\. Move them with: Cencori\.Edge migrate\. The edge found no projects in the database '.*' on '.*'\. Set Storage:AllowSwitch=true to start", refused.Message);

        var empty = Directory.CreateTempSubdirectory("edge-switch-").FullName;
        await using (await RunningEdge.StartAsync([.. existing, "Storage:AllowSwitch=true"], dataDirectory: _data))
        {
        }

        // When PostgreSQL has data, the edge starts without the setting. It also starts with a directory that never had data.
        await using (await RunningEdge.StartAsync(existing, dataDirectory: _data))
        {
        }

        await using (await RunningEdge.StartAsync(existing, dataDirectory: empty))
        {
        }

        refused = await Assert.ThrowsAsync<StartupException>(() => RunningEdge.StartAsync(dataDirectory: empty));
        Assert.Contains("had their data in PostgreSQL", refused.Message, StringComparison.Ordinal);
        await using (await RunningEdge.StartAsync(["Storage:AllowSwitch=true"], dataDirectory: empty))
        {
        }

        await using (await RunningEdge.StartAsync(dataDirectory: empty))
        {
        }

        SqliteConnection.ClearAllPools();
        RunDirectory.Delete(empty);
    }

    [Theory]
    [InlineData("--to: give the connection string", "")]
    [InlineData("not a connection string", "recognisable")]
    [InlineData("needs a host and a database", "Host=recognisable")]
    public async Task An_invalid_target_is_reported_without_its_password(string expected, string to)
    {
        var (code, output, errors) = await ProgramRun.ToEndAsync("migrate", "--to", to, $"--Storage:DataDirectory={_data}");

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("recognisable", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unavailable_server_is_reported_and_the_move_can_be_repeated()
    {
        var error = await FailAsync("--to", $"Host=127.0.0.1;Port={LoopbackPort.Next()};Database=edge;Username=u;Password=recognisable");

        Assert.Contains("the database 'edge' on '127.0.0.1'", error, StringComparison.Ordinal);
        Assert.Contains("run the same command again", error, StringComparison.Ordinal);
        Assert.Single(Spools);
        Assert.DoesNotContain("recognisable", error, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        RunDirectory.Delete(_data);
    }

    private string[] Spools => Directory.GetFiles(Path.Combine(_data, "spool"));

    private static string MasterKey => $"Secrets:MasterKey={PostgresDatabase.MasterKey}";

    private async Task<RunningEdge> StartAsync(PostgresDatabase target) =>
        await RunningEdge.StartAsync([.. target.Settings, RunningEdge.Destination("openai", filled.Provider.Address), RunningEdge.LoopbackIsOpen], filled.Configure, _data);

    private Task<(int Code, string Output, string Errors)> RunAsync(params string[] options) =>
        ProgramRun.ToEndAsync(["migrate", .. options, $"--Storage:DataDirectory={_data}", $"--{MasterKey}"]);

    private async Task<string> FailAsync(params string[] options)
    {
        var (code, _, errors) = await RunAsync(options);
        Assert.Equal(1, code);
        Assert.DoesNotContain('\n', errors);
        return errors;
    }

    private static async Task<long> CountAsync(PostgresDatabase target) => (long)(await target.QueryAsync("SELECT COUNT(*) FROM request_records"))!;

    private static async Task<string[]> TablesAsync(PostgresDatabase target) =>
        (string[])(await target.QueryAsync("SELECT array_agg(tablename::text) FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '\\_\\_%'"))!;

    private static void Execute(string database, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.Equal(1, command.ExecuteNonQuery());
    }
}
