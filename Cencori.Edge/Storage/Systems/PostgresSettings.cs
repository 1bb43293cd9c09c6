using Cencori.Edge.Storage.Startup;
using Npgsql;

namespace Cencori.Edge.Storage.Systems;

/// <summary>
/// Reads <c>Storage:ConnectionString</c> for Npgsql, and adds the edge's defaults. The setting contains a password, so only host and database may be shown.
/// </summary>
public static class PostgresSettings
{
    public const string Setting = "Storage:ConnectionString";

    internal const string Example = "Host=…;Database=…;Username=…;Password=…";

    // Defaults for what the connection string does not set. A server that hangs must not block requests for long. GSS is off, because it costs one more
    // round trip and needs a library that slim images lack.
    private const string Defaults =
        "Application Name=cencori-edge;Timeout=5;Command Timeout=5;Cancellation Timeout=1000;Keepalive=30;GSS Encryption Mode=Disable";

    /// <exception cref="StartupException">The setting is missing, or is not a connection string with a host and a database.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string? configured)
    {
        if (string.IsNullOrWhiteSpace(configured))
        {
            throw new StartupException($"{Setting}: Storage:Provider is Postgres, which needs a connection string: {Example}");
        }

        var settings = Understood(() => new NpgsqlConnectionStringBuilder($"{Defaults};{configured}"));
        return string.IsNullOrWhiteSpace(settings.Host) || string.IsNullOrWhiteSpace(settings.Database)
            ? throw new StartupException($"{Setting}: the connection string needs a host and a database: {Example}")
            : settings;
    }

    /// <summary>Creates the data source. Does not connect yet, and writes no log: the caller reports faults.</summary>
    /// <exception cref="StartupException">The settings contradict each other.</exception>
    public static NpgsqlDataSource Open(NpgsqlConnectionStringBuilder settings) =>
        Understood(new NpgsqlDataSourceBuilder(settings.ConnectionString).Build);

    private static T Understood<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException or KeyNotFoundException or InvalidCastException or InvalidOperationException or NotSupportedException)
        {
            // The exception quotes the text that it cannot parse, which may be part of the password: it must not be logged.
            throw new StartupException($"{Setting}: the value is not a connection string that Npgsql understands. Example: {Example}");
        }
    }
}
