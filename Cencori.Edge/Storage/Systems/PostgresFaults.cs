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
                case PostgresException told:
                    return Explain(told);
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
            if (cause is PostgresException told)
            {
                return told.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation
                    or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable;
            }
        }

        return false;
    }

    private static DatabaseFault? Explain(PostgresException told) => told switch
    {
        { IsTransient: true } or { SqlState: PostgresErrorCodes.QueryCanceled } => Away($"SQLSTATE {told.SqlState}"),
        { SqlState: PostgresErrorCodes.InvalidPassword } => Wrong("cannot be used: the server refuses the user or the password", told),
        { SqlState: PostgresErrorCodes.InvalidAuthorizationSpecification } => Wrong("cannot be used: the server does not allow this user to connect from here (see its pg_hba.conf)", told),
        { SqlState: PostgresErrorCodes.InvalidCatalogName } => Wrong("does not exist on the server; create it", told),
        { SqlState: PostgresErrorCodes.InsufficientPrivilege, InvariantSeverity: "FATAL" } => Wrong("cannot be used: the user needs the right CONNECT on it", told),
        { SqlState: PostgresErrorCodes.InsufficientPrivilege } => Wrong("cannot be used: the user needs the right CREATE on its schema, and to own the edge's tables", told),
        { SqlState: PostgresErrorCodes.InvalidSchemaName } => Wrong("cannot be used: the user needs the right USAGE on the schema in which the edge creates its tables", told),
        { SqlState: PostgresErrorCodes.DuplicateTable } => Wrong("holds tables that are not the edge's; give the edge a database or a schema of its own", told),
        { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => Wrong("is read-only here; point to the primary server", told),
        // FATAL means that the server ends or refuses the connection: a shutdown, an upgrade, or a connection pooler with its own message.
        { InvariantSeverity: "FATAL" or "PANIC" } => Away($"SQLSTATE {told.SqlState}"),
        _ => null,
    };

    private static DatabaseFault Explain(Exception fault, Exception root) => root switch
    {
        SocketException socket => Away($"{socket.SocketErrorCode}"),
        TimeoutException => Away("it does not respond in time"),
        AuthenticationException => new(IsAway: false, $"cannot be used: the TLS handshake fails: {root.Message.TrimEnd('.')}"),
        _ when fault is NpgsqlException { IsTransient: false } => new(IsAway: false, $"cannot be used: {fault.Message.TrimEnd('.')}"),
        _ => Away("the connection was lost"),
    };

    private static DatabaseFault Away(string why) => new(IsAway: true, $"is not available ({why})");

    private static DatabaseFault Wrong(string what, PostgresException told) => new(IsAway: false, $"{what} (SQLSTATE {told.SqlState})");
}
