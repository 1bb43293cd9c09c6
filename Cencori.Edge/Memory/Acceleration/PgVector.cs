using System.Data.Common;
using System.Globalization;
using Npgsql;

#pragma warning disable CA2100 // Only table names, the extension's schema name and integers go into the SQL.

namespace Cencori.Edge.Memory.Acceleration;

/// <summary>
/// Detects the pgvector extension of a database, and creates the tables that use its types. No migration creates these tables, because most servers do not have
/// the extension. A row is deleted together with the entry's vector: on delete, on expiry and on a change of the model.
/// </summary>
/// <param name="Version">Version of the extension.</param>
/// <param name="Schema">Schema of the extension's types, quoted. It can differ from the schema of the edge's tables.</param>
internal sealed record PgVector(Version Version, string Schema)
{
    /// <summary>The first version with iterative scans: a scan continues until it finds enough rows that pass a filter.</summary>
    public static readonly Version Oldest = new(0, 8);

    /// <summary>Maximum length of a vector that pgvector can index.</summary>
    public const int MaxDimensions = 4_000;

    // Maximum length of a vector that is indexed with full precision. Longer vectors are indexed as halfvec (16 bits per number).
    private const int MaxFullPrecision = 2_000;

    private const string IndexName = "IX_memory_near_";

    // Id of the PostgreSQL advisory lock for filling the tables. An arbitrary number that no other program is likely to use.
    private const long LockId = 0x_6365_6e63_6f72_6902;

    private const string VectorQuery = "SELECT e.extversion, quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector'";

    // Checks the column and not the table, because DROP EXTENSION … CASCADE removes the column and leaves the table.
    private const string HasTable = """SELECT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass('memory_near') AND attname = 'Embedding' AND NOT attisdropped)""";

    private const string Indexes = "SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = to_regclass('memory_near')";

    // True if an index of memory_near may be under construction. A database user without rights sees that others build an index, but not for which table (relid is null).
    private const string IsBuilt = "SELECT EXISTS (SELECT 1 FROM pg_stat_progress_create_index WHERE datname = current_database() AND (relid IS NULL OR relid = to_regclass('memory_near')))";

    /// <summary>SQL that creates the tables: the vectors, and the columns that searches filter by.</summary>
    private string Tables => $"""
        DROP TABLE IF EXISTS memory_near, memory_near_filled;
        CREATE TABLE memory_near (
          "ProjectId" text NOT NULL, "Environment" text NOT NULL, "NamespaceId" text NOT NULL, "Generation" integer NOT NULL, "MemoryId" text NOT NULL,
          "Dimensions" integer NOT NULL, "ExpiresAt" bigint, "Terms" text[] NOT NULL, "Embedding" {Schema}.vector NOT NULL,
          CONSTRAINT "PK_memory_near" PRIMARY KEY ("ProjectId", "Environment", "NamespaceId", "Generation", "MemoryId"),
          CONSTRAINT "FK_memory_near_memory_vectors" FOREIGN KEY ("ProjectId", "Environment", "NamespaceId", "Generation", "MemoryId")
            REFERENCES memory_vectors ("ProjectId", "Environment", "NamespaceId", "Generation", "MemoryId") ON DELETE CASCADE);
        ALTER TABLE memory_near ALTER "Embedding" SET STATISTICS 0;
        CREATE TABLE memory_near_filled (
          "ProjectId" text NOT NULL, "Environment" text NOT NULL, "NamespaceId" text NOT NULL, "Generation" integer NOT NULL, "Revision" bigint NOT NULL,
          CONSTRAINT "PK_memory_near_filled" PRIMARY KEY ("ProjectId", "Environment", "NamespaceId"),
          CONSTRAINT "FK_memory_near_filled_memory_namespaces" FOREIGN KEY ("ProjectId", "Environment", "NamespaceId")
            REFERENCES memory_namespaces ("ProjectId", "Environment", "Id") ON DELETE CASCADE);
        """;

    /// <summary>Whether the edge can use this version of the extension.</summary>
    public bool Serves => Version >= Oldest;

    /// <summary>Reads version and schema of the extension. Returns null if the database does not have the extension.</summary>
    public static async Task<PgVector?> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(VectorQuery, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? new PgVector(Version.TryParse(reader.GetString(0), out var version) ? version : new(0, 0), reader.GetString(1)) : null;
    }

    /// <summary>Whether the edge's pgvector tables exist.</summary>
    public static async Task<bool> HasTablesAsync(NpgsqlConnection connection, CancellationToken cancellation) => await AskAsync(connection, HasTable, cancellation);

    /// <summary>Creates the edge's pgvector tables if they do not exist.</summary>
    public async Task CreateAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({LockId})", cancellation);
        if (!await HasTablesAsync(connection, cancellation))
        {
            await ExecuteAsync(connection, Tables, cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Locks the filling of the tables against other edges until the transaction ends.</summary>
    /// <returns>False: another edge holds the lock.</returns>
    public static Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken cancellation) => AskAsync(connection, $"SELECT pg_try_advisory_xact_lock({LockId})", cancellation);

    /// <summary>Returns the vector lengths for which a valid index exists.</summary>
    public static async Task<HashSet<int>> IndexedAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        [.. from index in await IndexesAsync(connection, cancellation) where index.IsValid select index.Dimensions];

    /// <summary>Builds the index for vectors of one length. Reads and writes continue meanwhile. May take minutes.</summary>
    /// <returns>False: the index exists, or another edge builds it.</returns>
    public async Task<bool> IndexAsync(NpgsqlConnection connection, int dimensions, CancellationToken cancellation)
    {
        if ((await IndexesAsync(connection, cancellation)).Exists(index => index.Dimensions == dimensions) && !await DropBrokenAsync(connection, dimensions, cancellation))
        {
            return false;
        }

        await using var command = new NpgsqlCommand($"""
            CREATE INDEX CONCURRENTLY IF NOT EXISTS "{Index(dimensions)}" ON memory_near USING hnsw (("Embedding"::{TypeOf(dimensions)}) {Schema}.{(dimensions > MaxFullPrecision ? "halfvec" : "vector")}_cosine_ops) WHERE "Dimensions" = {dimensions}
            """, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellation);
        return true;
    }

    /// <summary>SQL for the distance between an entry's vector and <c>@vector</c>.</summary>
    /// <param name="dimensions">Length of both vectors.</param>
    /// <param name="isExact">True: computes with full precision. False: computes with the precision of the index, so that the index can be used.</param>
    public string Distance(int dimensions, bool isExact) => isExact
        ? $"""("Embedding" OPERATOR({Schema}.<=>) @vector::{Schema}.vector) + 0"""
        : $"""("Embedding"::{TypeOf(dimensions)}) OPERATOR({Schema}.<=>) @vector::{Schema}.vector::{TypeOf(dimensions)}""";

    // Drops an invalid index, which an interrupted build leaves. Searches do not use an invalid index, and it prevents a new build.
    private static async Task<bool> DropBrokenAsync(NpgsqlConnection connection, int dimensions, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ExecuteAsync(connection, $"SET LOCAL lock_timeout = '2s'; SELECT pg_advisory_xact_lock({LockId})", cancellation);
        if (await AskAsync(connection, IsBuilt, cancellation) || (await IndexedAsync(connection, cancellation)).Contains(dimensions))
        {
            return false;
        }

        await ExecuteAsync(connection, $"DROP INDEX IF EXISTS \"{Index(dimensions)}\"", cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    private static async Task<List<(int Dimensions, bool IsValid)>> IndexesAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Indexes, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var indexes = new List<(int, bool)>();
        while (await reader.ReadAsync(cancellation))
        {
            if (reader.GetString(0) is var name && name.StartsWith(IndexName, StringComparison.Ordinal) && int.TryParse(name.AsSpan(IndexName.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var dimensions))
            {
                indexes.Add((dimensions, reader.GetBoolean(1)));
            }
        }

        return indexes;
    }

    private static string Index(int dimensions) => string.Create(CultureInfo.InvariantCulture, $"{IndexName}{dimensions}");

    private string TypeOf(int dimensions) => string.Create(CultureInfo.InvariantCulture, $"{Schema}.{(dimensions > MaxFullPrecision ? "halfvec" : "vector")}({dimensions})");

    private static async Task<bool> AskAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellation) is true;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using DbCommand command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
