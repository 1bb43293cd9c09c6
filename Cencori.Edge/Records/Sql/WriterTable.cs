using System.Data.Common;

namespace Cencori.Edge.Records.Sql;

/// <summary>Reads and writes the table <c>usage_writers</c>, with the progress of each writer (edge process). So a batch that is written twice is stored once.</summary>
internal static class WriterTable
{
    /// <summary>
    /// Returns the number of the writer's last stored record, and the hour before which its roll-ups may have been merged. Locks the writer's row until the
    /// transaction ends, so no other transaction can write for this writer or merge its rows. Such a transaction may exist: an attempt that timed out may
    /// still be running in the server.
    /// </summary>
    public static async Task<(long Sequence, long MergedBefore)> EnterAsync(DbTransaction transaction, long writerId, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = transaction.CreateCommand(
            """
            INSERT INTO usage_writers ("Id", "Sequence", "SeenAt", "MergedBefore") VALUES (@writer, 0, @now, 0)
            ON CONFLICT ("Id") DO UPDATE SET "SeenAt" = excluded."SeenAt" RETURNING "Sequence", "MergedBefore"
            """);
        command.Add("writer", writerId);
        command.Add("now", now.ToUnixTimeMilliseconds());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <summary>Notes that the writer's roll-ups of hours before <paramref name="before"/> may have been merged. Locks the writer's row until the transaction ends.</summary>
    public static async Task TakeHoursAsync(DbTransaction transaction, long writerId, long before, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = transaction.CreateCommand(
            """
            INSERT INTO usage_writers ("Id", "Sequence", "SeenAt", "MergedBefore") VALUES (@writer, 0, @now, @before)
            ON CONFLICT ("Id") DO UPDATE SET "MergedBefore" =
              CASE WHEN usage_writers."MergedBefore" > excluded."MergedBefore" THEN usage_writers."MergedBefore" ELSE excluded."MergedBefore" END
            """);
        command.Add("writer", writerId);
        command.Add("now", now.ToUnixTimeMilliseconds());
        command.Add("before", before);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task AdvanceAsync(DbTransaction transaction, long writerId, long sequence, CancellationToken cancellation)
    {
        await using var command = transaction.CreateCommand("""UPDATE usage_writers SET "Sequence" = @sequence WHERE "Id" = @writer""");
        command.Add("sequence", sequence);
        command.Add("writer", writerId);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
