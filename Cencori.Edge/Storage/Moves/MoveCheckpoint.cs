using System.Data.Common;
using System.Text.Json;

namespace Cencori.Edge.Storage.Moves;

/// <summary>Progress of a move from SQLite to PostgreSQL, stored on both sides as a row of <c>settings</c> with a reserved name.</summary>
/// <param name="Id">Id of the move, the same on both sides.</param>
/// <param name="To">On the source side: description of the target.</param>
/// <param name="Rows">On the target side: rowid in SQLite of the last copied row of each table.</param>
/// <param name="FinishedAt">Null: not finished.</param>
public sealed record MoveCheckpoint(string Id, string? To, Dictionary<string, long> Rows, DateTimeOffset? FinishedAt)
{
    /// <summary>The setting's name.</summary>
    public const string Name = "move";

    internal const string Question = $"""SELECT "Value" FROM settings WHERE "Name" = '{Name}'""";

    public static MoveCheckpoint Parse(string json) => JsonSerializer.Deserialize<MoveCheckpoint>(json) ?? throw new JsonException();

    /// <summary>Null: no mark.</summary>
    internal static async Task<MoveCheckpoint?> ReadAsync(DbConnection connection)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Question;
        return await command.ExecuteScalarAsync() is string json ? Parse(json) : null;
    }

    /// <summary>Replaces the existing mark.</summary>
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
