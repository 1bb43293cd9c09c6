using System.Data.Common;
using System.Text.Json;

namespace Cencori.Edge.Storage.Moves;

/// <summary>How far a move from SQLite to PostgreSQL has come. It is a row of <c>settings</c> on both sides, under a name that nothing else has.</summary>
/// <param name="Id">Of the move: the same on both sides.</param>
/// <param name="To">On the side that is moved: where to, in words.</param>
/// <param name="Rows">On the other side: the last row of each table that has arrived, by its number in SQLite.</param>
/// <param name="FinishedAt">Null: it is not finished.</param>
public sealed record MoveCheckpoint(string Id, string? To, Dictionary<string, long> Rows, DateTimeOffset? FinishedAt)
{
    /// <summary>The setting's name.</summary>
    public const string Name = "move";

    internal const string Question = $"""SELECT "Value" FROM settings WHERE "Name" = '{Name}'""";

    public static MoveCheckpoint Parse(string json) => JsonSerializer.Deserialize<MoveCheckpoint>(json) ?? throw new JsonException();

    /// <summary>Null: there is none.</summary>
    internal static async Task<MoveCheckpoint?> ReadAsync(DbConnection connection)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Question;
        return await command.ExecuteScalarAsync() is string json ? Parse(json) : null;
    }

    /// <summary>In place of the one there was.</summary>
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
