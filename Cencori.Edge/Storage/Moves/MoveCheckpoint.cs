using System.Data.Common;
using System.Text.Json;

namespace Cencori.Edge.Storage.Moves;

/// <summary>The checkpoint of a move from SQLite to PostgreSQL: its progress. Both databases store it as a row of <c>settings</c> with a reserved name.</summary>
/// <param name="Id">Id of the move, the same in both databases.</param>
/// <param name="To">In SQLite: description of the target. Null in PostgreSQL.</param>
/// <param name="Rows">In PostgreSQL: for each table, the SQLite rowid of the last copied row.</param>
/// <param name="FinishedAt">When the move was finished. Null: it is not finished.</param>
public sealed record MoveCheckpoint(string Id, string? To, Dictionary<string, long> Rows, DateTimeOffset? FinishedAt)
{
    /// <summary>Name of the row in <c>settings</c>.</summary>
    public const string Name = "move";

    internal const string Question = $"""SELECT "Value" FROM settings WHERE "Name" = '{Name}'""";

    public static MoveCheckpoint Parse(string json) => JsonSerializer.Deserialize<MoveCheckpoint>(json) ?? throw new JsonException();

    /// <summary>Reads the checkpoint. Null: the database has none.</summary>
    internal static async Task<MoveCheckpoint?> ReadAsync(DbConnection connection)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Question;
        return await command.ExecuteScalarAsync() is string json ? Parse(json) : null;
    }

    /// <summary>Writes this checkpoint in place of the existing one.</summary>
    internal async Task WriteAsync(DbConnection connection, DbTransaction? transaction = null)
    {
        await using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"""
            INSERT INTO settings ("Name", "Value") VALUES ('{Name}', @value) ON CONFLICT ("Name") DO UPDATE SET "Value" = excluded."Value"
            """;
        var value = command.CreateParameter();
        (value.ParameterName, value.Value) = ("value", JsonSerializer.Serialize(this));
        command.Parameters.Add(value);
        await command.ExecuteNonQueryAsync();
    }
}
