using System.Data.Common;

namespace Cencori.Edge.Usage;

/// <summary>The table <c>usage_writers</c>: how far each writer has come. It is what makes writing a batch twice write it once.</summary>
internal static class WriterTable
{
    /// <summary>
    /// Gives the number of the writer's last stored record, and keeps any other transaction from writing for it until this one ends:
    /// an attempt that was given up may still be under way in the server.
    /// </summary>
    public static async Task<long> EnterAsync(DbTransaction transaction, long writerId, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = transaction.CreateCommand(
            """
            INSERT INTO usage_writers ("Id", "Sequence", "SeenAt") VALUES (@writer, 0, @now)
            ON CONFLICT ("Id") DO UPDATE SET "SeenAt" = excluded."SeenAt" RETURNING "Sequence"
            """);
        command.Add("writer", writerId);
        command.Add("now", now.ToUnixTimeMilliseconds());
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    public static async Task AdvanceAsync(DbTransaction transaction, long writerId, long sequence, CancellationToken cancellation)
    {
        await using var command = transaction.CreateCommand("""UPDATE usage_writers SET "Sequence" = @sequence WHERE "Id" = @writer""");
        command.Add("sequence", sequence);
        command.Add("writer", writerId);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
