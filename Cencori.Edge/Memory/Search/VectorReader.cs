using System.Data.Common;
using System.Text;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Memory.Search;

/// <summary>Reads the database rows that a search needs. Uses plain SQL, because EF would create an object for each row.</summary>
internal sealed class VectorReader(IDbContextFactory<EdgeDbContext> contexts)
{
    private const string Rows = """
        SELECT m."Number", m."ExpiresAt", m."Metadata", v."Vector" FROM memories m
        JOIN memory_vectors v ON v."ProjectId" = m."ProjectId" AND v."Environment" = m."Environment" AND v."NamespaceId" = m."NamespaceId" AND v."Generation" = @generation AND v."MemoryId" = m."Id"
        WHERE m."ProjectId" = @project AND m."Environment" = @environment AND m."NamespaceId" = @namespace AND m."Revision" > @after AND m."Revision" <= @until
        """;

    private const string Numbers = """SELECT m."Number" FROM memories m WHERE m."ProjectId" = @project AND m."Environment" = @environment AND m."NamespaceId" = @namespace""";

    private const string Everything = """
        SELECT m."Number", m."Metadata" FROM memories m
        WHERE m."ProjectId" = @project AND m."Environment" = @environment AND m."NamespaceId" = @namespace AND (m."ExpiresAt" IS NULL OR m."ExpiresAt" > @now)
        """;

    /// <summary>SQL to append to a condition on <c>memories m</c>. It keeps only entries without a vector of <c>@generation</c>.</summary>
    public const string UnembeddedCondition = """
         AND NOT EXISTS (SELECT 1 FROM memory_vectors v WHERE v."ProjectId" = m."ProjectId" AND v."Environment" = m."Environment" AND v."NamespaceId" = m."NamespaceId" AND v."Generation" = @generation AND v."MemoryId" = m."Id")
        """;

    /// <summary>Receives one vector. The bytes are valid only during the call.</summary>
    public delegate void Taker(long number, long expiresAt, byte[]? metadata, ReadOnlySpan<byte> vector);

    /// <summary>Reads the vectors of the namespace that its current embedding model computed.</summary>
    /// <param name="space">The namespace. Vectors up to its revision are read.</param>
    /// <param name="after">Only entries with a later revision are read.</param>
    /// <param name="take">Called for each vector.</param>
    /// <param name="cancellation">Cancelled when the caller disconnects.</param>
    /// <param name="max">Maximum number of vectors.</param>
    /// <returns>False: there are more vectors than <paramref name="max"/>.</returns>
    public async Task<bool> ReadAsync(MemoryNamespaceRecord space, long after, Taker take, CancellationToken cancellation, int max = int.MaxValue)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await database.Database.OpenConnectionAsync(cancellation);
        await using var command = Command(database, space, Rows);
        Add(command, "generation", space.Generation);
        Add(command, "after", after);
        Add(command, "until", space.Revision);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var buffer = new byte[space.Dimensions * sizeof(float)];
        while (await reader.ReadAsync(cancellation))
        {
            if (max-- == 0)
            {
                return false;
            }

            // A vector of another length comes from another embedding model, so it is skipped.
            if (reader.GetBytes(3, 0, null, 0, 0) == buffer.Length && reader.GetBytes(3, 0, buffer, 0, buffer.Length) == buffer.Length)
            {
                take(reader.GetInt64(0), reader.IsDBNull(1) ? long.MaxValue : reader.GetInt64(1), reader.IsDBNull(2) ? null : Encoding.UTF8.GetBytes(reader.GetString(2)), buffer);
            }
        }

        return true;
    }

    /// <summary>Reads the <see cref="MemoryRecord.Number"/> of each entry of a namespace.</summary>
    public async Task<HashSet<long>> NumbersAsync(MemoryNamespaceRecord space, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await database.Database.OpenConnectionAsync(cancellation);
        await using var command = Command(database, space, Numbers);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var numbers = new HashSet<long>();
        while (await reader.ReadAsync(cancellation))
        {
            numbers.Add(reader.GetInt64(0));
        }

        return numbers;
    }

    /// <summary>Reads the <see cref="MemoryRecord.Number"/> of at most <paramref name="count"/> entries that match and have not expired, the newest first.</summary>
    public async Task<List<long>> NewestAsync(MemoryNamespaceRecord space, MemoryFilter? filter, bool onlyUnembedded, int count, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await database.Database.OpenConnectionAsync(cancellation);
        await using var command = Command(database, space, Everything + (onlyUnembedded ? UnembeddedCondition : "") + """ ORDER BY m."Number" DESC""" + (filter is null ? " LIMIT @count" : ""));
        if (filter is null)
        {
            Add(command, "count", count);
        }

        if (onlyUnembedded)
        {
            Add(command, "generation", space.Generation);
        }

        Add(command, "now", now.ToUnixTimeMilliseconds());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var numbers = new List<long>();
        while (numbers.Count < count && await reader.ReadAsync(cancellation))
        {
            if (filter is null || (!reader.IsDBNull(1) && filter.Matches(Encoding.UTF8.GetBytes(reader.GetString(1)))))
            {
                numbers.Add(reader.GetInt64(0));
            }
        }

        return numbers;
    }

    /// <summary>Creates a command whose parameters for project, environment and namespace are set.</summary>
    public static DbCommand Command(EdgeDbContext database, MemoryNamespaceRecord space, string sql)
    {
        var command = database.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // The SQL is a constant in the code.
        command.CommandText = sql;
#pragma warning restore CA2100
        Add(command, "project", space.ProjectId);
        Add(command, "environment", space.Environment.ToString());
        Add(command, "namespace", space.Id);
        return command;
    }

    public static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }
}
