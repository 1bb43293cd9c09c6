using System.Data.Common;
using Npgsql;

namespace Cencori.Edge.Records.Sql;

/// <summary>Short forms for creating commands, for both database systems.</summary>
internal static class Commands
{
    /// <summary>
    /// Time limit, in seconds, of a statement for which nobody waits. With the usual limit, a statement that takes longer on a large table would fail in
    /// every run.
    /// </summary>
    private const int UpkeepTimeout = 300;

    /// <summary>Creates a command that reads or deletes many rows in the background. It must not be in a transaction that others wait for.</summary>
    public static DbCommand CreateUpkeepCommand(this DbConnection connection)
    {
        var command = connection.CreateCommand();

        // On SQLite the limit is that of the wait for its lock, in which the command holds a thread.
        if (command is NpgsqlCommand)
        {
            command.CommandTimeout = UpkeepTimeout;
        }

        return command;
    }

    public static DbCommand CreateCommand(this DbTransaction transaction, string sql)
    {
        var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        return command;
    }

    public static DbParameter Add(this DbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value ?? DBNull.Value;
        command.Parameters.Add(parameter);
        return parameter;
    }
}
