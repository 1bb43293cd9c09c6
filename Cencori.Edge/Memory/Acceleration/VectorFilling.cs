using Cencori.Edge.Storage;
using Npgsql;
using NpgsqlTypes;

#pragma warning disable CA2100 // Only the extension's schema name goes into the SQL.

namespace Cencori.Edge.Memory.Acceleration;

/// <summary>Copies the vectors of a namespace into the pgvector tables, in batches. After an interruption, the next run continues with the next batch.</summary>
/// <param name="connection">A connection that no other code uses meanwhile.</param>
/// <param name="extension">The extension of the database.</param>
/// <param name="space">The namespace's row, as read from the database. Entries up to its revision are copied.</param>
internal sealed class VectorFilling(NpgsqlConnection connection, PgVector extension, MemoryNamespaceRecord space)
{
    // Rows per batch. Small, because a delete of one of these rows waits until the batch is committed.
    private const int AtOnce = 100;

    // Timeout of one batch, in seconds. Inserting into an existing index takes some milliseconds for each row.
    private const int Timeout = 60;

    // SQL that reads missing vectors. It takes the row lock that the foreign key would take, with NOWAIT, so that a writer and this copy cannot deadlock.
    private const string Missing = """
        SELECT m."Id", m."ExpiresAt", m."Metadata", v."Vector" FROM memories m
        JOIN memory_vectors v ON v."ProjectId" = m."ProjectId" AND v."Environment" = m."Environment" AND v."NamespaceId" = m."NamespaceId" AND v."Generation" = @generation AND v."MemoryId" = m."Id"
        WHERE m."ProjectId" = @project AND m."Environment" = @environment AND m."NamespaceId" = @namespace AND m."Revision" > @filled AND m."Revision" <= @until AND m."Id" > @after
          AND NOT EXISTS (SELECT 1 FROM memory_near n WHERE n."ProjectId" = m."ProjectId" AND n."Environment" = m."Environment" AND n."NamespaceId" = m."NamespaceId" AND n."Generation" = @generation AND n."MemoryId" = m."Id")
        ORDER BY m."Id" LIMIT @count FOR KEY SHARE OF v NOWAIT
        """;

    private const string Done = """
        INSERT INTO memory_near_filled AS f ("ProjectId", "Environment", "NamespaceId", "Generation", "Revision") VALUES (@project, @environment, @namespace, @generation, @until)
        ON CONFLICT ("ProjectId", "Environment", "NamespaceId") DO UPDATE SET "Generation" = excluded."Generation", "Revision" = excluded."Revision"
        WHERE (f."Generation", f."Revision") < (excluded."Generation", excluded."Revision")
        """;

    private string Add => $"""
        INSERT INTO memory_near ("ProjectId", "Environment", "NamespaceId", "Generation", "MemoryId", "Dimensions", "ExpiresAt", "Terms", "Embedding")
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::{extension.Schema}.vector) ON CONFLICT DO NOTHING
        """;

    /// <param name="filled">Entries up to this revision are already copied.</param>
    /// <param name="cancellation">Cancelled when the edge stops.</param>
    public async Task RunAsync(long filled, CancellationToken cancellation)
    {
        var after = "";
        while (true)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            if (!await PgVector.TryLockAsync(connection, cancellation))
            {
                // Another edge holds the lock and fills the tables.
                return;
            }

            var rows = await ReadAsync(filled, after, cancellation);
            if (rows.Count > 0)
            {
                await AddAsync(rows, cancellation);
                after = rows[^1].Id;
            }

            if (rows.Count < AtOnce)
            {
                await using var done = Command(Done);
                await done.ExecuteNonQueryAsync(cancellation);
                await transaction.CommitAsync(cancellation);
                return;
            }

            await transaction.CommitAsync(cancellation);
        }
    }

    private async Task<List<(string Id, long? ExpiresAt, string? Metadata, byte[] Vector)>> ReadAsync(long filled, string after, CancellationToken cancellation)
    {
        await using var command = Command(Missing);
        command.Parameters.AddWithValue("filled", filled);
        command.Parameters.AddWithValue("after", after);
        command.Parameters.AddWithValue("count", AtOnce);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<(string, long?, string?, byte[])>(AtOnce);
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add((reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetInt64(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetFieldValue<byte[]>(3)));
        }

        return rows;
    }

    private async Task AddAsync(List<(string Id, long? ExpiresAt, string? Metadata, byte[] Vector)> rows, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = Timeout };

        // A vector of another length comes from another model and does not belong to this generation.
        foreach (var row in rows.Where(row => row.Vector.Length == space.Dimensions * sizeof(float)))
        {
            var vector = new float[space.Dimensions];
            Vectors.FromBytes(row.Vector, vector);
            batch.BatchCommands.Add(new NpgsqlBatchCommand(Add)
            {
                Parameters =
                {
                    new() { Value = space.ProjectId }, new() { Value = space.Environment.ToString() }, new() { Value = space.Id }, new() { Value = space.Generation }, new() { Value = row.Id },
                    new() { Value = space.Dimensions }, new() { Value = (object?)row.ExpiresAt ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint }, new() { Value = MetadataTerms.Of(row.Metadata) }, new() { Value = vector },
                },
            });
        }

        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(cancellation);
        }
    }

    private NpgsqlCommand Command(string sql)
    {
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = Timeout };
        command.Parameters.AddWithValue("project", space.ProjectId);
        command.Parameters.AddWithValue("environment", space.Environment.ToString());
        command.Parameters.AddWithValue("namespace", space.Id);
        command.Parameters.AddWithValue("generation", space.Generation);
        command.Parameters.AddWithValue("until", space.Revision);
        return command;
    }
}
