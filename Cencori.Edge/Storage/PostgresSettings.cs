using Npgsql;

namespace Cencori.Edge.Storage;

/// <summary>
/// <c>Storage:ConnectionString</c> as Npgsql understands it, with what the edge sets where the operator is silent. It holds a
/// password: nothing of it but host and database may be shown.
/// </summary>
public static class PostgresSettings
{
    public const string Setting = "Storage:ConnectionString";

    private const string Example = "Host=…;Database=…;Username=…;Password=…";

    // What holds where the string itself says nothing: a server that hangs must not hold anybody for long, and GSS would be one
    // more question to it, with a library that slim images do not have.
    private const string Defaults =
        "Application Name=cencori-edge;Timeout=5;Command Timeout=5;Cancellation Timeout=1000;Keepalive=30;GSS Encryption Mode=Disable";

    /// <exception cref="StartupException">It is missing, or not a connection string with a host and a database.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string? configured)
    {
        if (string.IsNullOrWhiteSpace(configured))
        {
            throw new StartupException($"{Setting}: Storage:Provider is Postgres, which needs one: {Example}");
        }

        var settings = Understood(() => new NpgsqlConnectionStringBuilder($"{Defaults};{configured}"));
        return string.IsNullOrWhiteSpace(settings.Host) || string.IsNullOrWhiteSpace(settings.Database)
            ? throw new StartupException($"{Setting}: it needs a host and a database: {Example}")
            : settings;
    }

    /// <summary>Connects to nothing yet, and writes no log: what fails is told by whoever asked for it.</summary>
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
            // The exception quotes what it does not understand, which may be half a password: it goes nowhere.
            throw new StartupException($"{Setting}: it is not a connection string that Npgsql understands. It looks like this: {Example}");
        }
    }
}
