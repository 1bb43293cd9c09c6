using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace Cencori.Edge.Storage.Systems;

/// <summary>Explains exceptions of Npgsql to operators. Never shows the server's own messages, because they contain user names and values.</summary>
public static class PostgresFaults
{
    /// <summary>Explains why the database cannot be used. Null: the exception has another cause.</summary>
    public static DatabaseFault? Explain(Exception exception)
    {
        // Entity Framework wraps exceptions of a command, sometimes twice.
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case PostgresException error:
                    return Explain(error);
                case NpgsqlException or SocketException or TimeoutException:
                    return Explain(cause, cause.GetBaseException());
            }
        }

        return null;
    }

    /// <summary>True when a transaction failed because of a conflict with another one, or because the server ended it to resolve a deadlock.</summary>
    public static bool IsConflict(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is PostgresException error)
            {
                return error.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation
                    or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable;
            }
        }

        return false;
    }

    private static DatabaseFault? Explain(PostgresException error) => error switch
    {
        { IsTransient: true } or { SqlState: PostgresErrorCodes.QueryCanceled } => Transient($"SQLSTATE {error.SqlState}"),
        { SqlState: PostgresErrorCodes.InvalidPassword } => Permanent("cannot be used: the server refuses the user or the password", error),
        { SqlState: PostgresErrorCodes.InvalidAuthorizationSpecification } => Permanent("cannot be used: the server does not allow this user to connect from the address of the edge (see pg_hba.conf of the server)", error),
        { SqlState: PostgresErrorCodes.InvalidCatalogName } => Permanent("does not exist on the server; create it", error),
        { SqlState: PostgresErrorCodes.InsufficientPrivilege, InvariantSeverity: "FATAL" } => Permanent("cannot be used: the user needs the right CONNECT on it", error),
        { SqlState: PostgresErrorCodes.InsufficientPrivilege } => Permanent("cannot be used: the user needs the right CREATE on its schema, and to own the edge's tables", error),
        { SqlState: PostgresErrorCodes.InvalidSchemaName } => Permanent("cannot be used: the user needs the right USAGE on the schema in which the edge creates its tables", error),
        { SqlState: PostgresErrorCodes.DuplicateTable } => Permanent("holds tables that are not the edge's; give the edge a database or a schema of its own", error),
        { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => Permanent("is read-only on this server; connect to the primary server", error),
        // FATAL means that the server ends or refuses the connection: a shutdown, an upgrade, or a connection pooler with its own message.
        { InvariantSeverity: "FATAL" or "PANIC" } => Transient($"SQLSTATE {error.SqlState}"),
        _ => null,
    };

    private static DatabaseFault Explain(Exception fault, Exception root) => root switch
    {
        SocketException socket => Transient($"{socket.SocketErrorCode}"),
        TimeoutException => Transient("it does not respond in time"),
        AuthenticationException => new(IsTransient: false, $"cannot be used: the TLS handshake fails: {root.Message.TrimEnd('.')}"),
        _ when fault is NpgsqlException { IsTransient: false } => new(IsTransient: false, $"cannot be used: {fault.Message.TrimEnd('.')}"),
        _ => Transient("the connection was lost"),
    };

    private static DatabaseFault Transient(string reason) => new(IsTransient: true, $"is not available ({reason})");

    private static DatabaseFault Permanent(string what, PostgresException error) => new(IsTransient: false, $"{what} (SQLSTATE {error.SqlState})");
}
