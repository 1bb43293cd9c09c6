using System.Net.Sockets;
using Npgsql;
using Testcontainers.PostgreSql;

namespace Cencori.Edge.Tests.Infrastructure.Databases;

/// <summary>
/// A real PostgreSQL for all tests of a run: the server of <c>CENCORI_TEST_POSTGRES</c> (connection string of a superuser), else local binaries, else a
/// container. It ends with the run.
/// </summary>
public static class PostgresServer
{
    private const string Variable = "CENCORI_TEST_POSTGRES";

    private static readonly string? Given = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? given : null;

    private static readonly Lazy<Task<string>> Started = new(StartAsync);

    private static OwnPostgres? _own;

    /// <summary>Why PostgreSQL cannot run on this machine. Null: it can run.</summary>
    public static string? Missing { get; } = Given is not null || OwnPostgres.Missing is null || HasDocker
        ? null
        : $"{Variable} is not set. Docker does not respond. And {OwnPostgres.Missing}";

    private static bool HasDocker
    {
        get
        {
            if (Environment.GetEnvironmentVariable("DOCKER_HOST") is { Length: > 0 })
            {
                return true;
            }

            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                socket.Connect(new UnixDomainSocketEndPoint("/var/run/docker.sock"));
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }

    /// <summary>For a superuser and the database <c>postgres</c>, or the given one.</summary>
    public static Task<string> ConnectionStringAsync() => Started.Value;

    /// <summary>Runs statements on a separate connection. Returns the first column of the first row, or null.</summary>
    public static async Task<object?> QueryAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private static async Task<string> StartAsync()
    {
        if (Given is not null)
        {
            return Given;
        }

        if (OwnPostgres.Missing is null)
        {
            // Keeps a reference: the server ends when it is garbage-collected.
            _own = await OwnPostgres.StartAsync();
            return _own.ConnectionString;
        }

        var container = new PostgreSqlBuilder("postgres:17-alpine").Build();
        await container.StartAsync();
        return container.GetConnectionString();
    }
}
