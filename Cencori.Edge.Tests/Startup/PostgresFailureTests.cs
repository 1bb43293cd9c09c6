using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Npgsql;

namespace Cencori.Edge.Tests.Startup;

/// <summary>As <see cref="StartupFailureTests"/>, for faults that an operator can fix at PostgreSQL.</summary>
public sealed class PostgresFailureTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>, IDisposable
{
    private const string Setting = "Storage:ConnectionString";

    private readonly string _directory = Directory.CreateTempSubdirectory("edge-process-").FullName;

    [Theory]
    [InlineData("")]
    [InlineData("recognisable")]
    [InlineData("Host=localhost;Database=edge;Password=half;recognisable=half")]
    [InlineData("Host=localhost;Database=edge;Port=recognisable")]
    [InlineData("Host=localhost;Database=edge;SSL Mode=recognisable")]
    [InlineData("Host=localhost;Username=recognisable")]
    [InlineData("Database=edge;Password=recognisable")]
    [InlineData("Host=localhost;Database=edge;Password=recognisable;Minimum Pool Size=2;Maximum Pool Size=1")]
    [InlineData("postgres://recognisable:recognisable@localhost/edge")]
    public Task An_invalid_connection_string(string value) => AssertRefused(value);

    [PostgresFact]
    public async Task A_wrong_password() => AssertNames("the user or the password", await AssertRefused(With(settings => settings.Password = "recognisable-and-wrong")));

    [PostgresFact]
    public async Task A_user_that_does_not_exist() => AssertNames("the user or the password", await AssertRefused(With(settings => settings.Username = "recognisable_stranger")));

    [PostgresFact]
    public async Task A_database_that_does_not_exist() =>
        Assert.Contains("'no_such_edge' on '127.0.0.1' does not exist", await AssertRefused(With(settings => settings.Database = "no_such_edge")), StringComparison.Ordinal);

    [OwnPostgresFact]
    public async Task Encryption_that_the_server_does_not_offer() =>
        AssertNames("SSL", await AssertRefused(With(settings => settings.SslMode = SslMode.Require)));

    [PostgresFact]
    public async Task A_certificate_that_cannot_be_read() =>
        AssertNames("cannot be used", await AssertRefused(With(settings => (settings.SslMode, settings.SslCertificate) = (SslMode.Require, "/recognisable"))));

    [PostgresFact]
    [Trait(SlowestTests.Trait, "A process starts and connects as a user without rights.")]
    public async Task Missing_rights_are_named()
    {
        await using var fresh = await PostgresDatabase.CreateAsync();
        var role = "edge_recognisable_" + Guid.NewGuid().ToString("N");
        await fresh.QueryAsync($"CREATE ROLE {role} LOGIN PASSWORD '{OwnPostgres.Password}'; REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        var settings = new NpgsqlConnectionStringBuilder(fresh.ConnectionString) { Username = role, Password = OwnPostgres.Password, Pooling = false }.ConnectionString;
        Assert.Contains("right CREATE", await AssertRefused(settings), StringComparison.Ordinal);

        await fresh.QueryAsync($"REVOKE CONNECT ON DATABASE {fresh.Name} FROM PUBLIC");
        Assert.Contains("right CONNECT", await AssertRefused(settings), StringComparison.Ordinal);

        await fresh.QueryAsync($"GRANT CONNECT ON DATABASE {fresh.Name} TO {role}; GRANT CREATE ON SCHEMA public TO {role}");
        await using (var edge = EdgeProcess.Start(_directory, Arguments(settings)))
        {
            await edge.ListeningAsync();
            await edge.StopAsync();
        }

        await fresh.QueryAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
    }

    [PostgresFact]
    public async Task Tables_owned_by_another_user()
    {
        await using var fresh = await PostgresDatabase.CreateAsync();
        await fresh.QueryAsync("CREATE TABLE projects (id int)");
        AssertNames("not the edge's", await AssertRefused(fresh.ConnectionString), fresh.Name);
    }

    [PostgresFact]
    public async Task A_read_only_database()
    {
        await using var fresh = await PostgresDatabase.CreateAsync();
        await fresh.QueryAsync($"ALTER DATABASE {fresh.Name} SET default_transaction_read_only = on");
        AssertNames("read-only", await AssertRefused(fresh.ConnectionString), fresh.Name);
    }

    [PostgresFact]
    public async Task A_database_from_before_the_first_release()
    {
        await using var fresh = await PostgresDatabase.CreateAsync();
        await fresh.QueryAsync(
            """
            CREATE TABLE "__EFMigrationsHistory" ("MigrationId" varchar(150) PRIMARY KEY, "ProductVersion" varchar(32) NOT NULL);
            INSERT INTO "__EFMigrationsHistory" VALUES ('20261124150856_Initial', '10.0.15'), ('20261124200943_KeySpend', '10.0.15');
            """);
        AssertNames("before the first release", await AssertRefused(fresh.ConnectionString), fresh.Name);
    }

    [PostgresFact]
    public async Task A_database_of_a_newer_edge()
    {
        await using var fresh = await PostgresDatabase.CreateAsync();
        await (await RunningEdge.StartAsync(fresh.Settings)).DisposeAsync();
        await fresh.QueryAsync("""INSERT INTO "__EFMigrationsHistory" VALUES ('29990101000000_Future', '99.0.0')""");
        AssertNames("newer edge", await AssertRefused(fresh.ConnectionString), fresh.Name);
    }

    public void Dispose() => RunDirectory.Delete(_directory);

    private void AssertNames(string what, string line, string? name = null)
    {
        Assert.Contains(what, line, StringComparison.Ordinal);
        Assert.Contains($"the database '{name ?? database.Name}' on '", line, StringComparison.Ordinal);
    }

    private string With(Action<NpgsqlConnectionStringBuilder> change)
    {
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        change(settings);
        return settings.ConnectionString;
    }

    private Task<string> AssertRefused(string connectionString) => RefusedStart.AssertAsync(_directory, Setting, Arguments(connectionString));

    private static string[] Arguments(string connectionString) =>
        ["--urls=http://127.0.0.1:0", .. PostgresDatabase.SettingsOf(connectionString).Select(setting => "--" + setting)];
}
