using System.Globalization;
using System.Numerics.Tensors;
using Cencori.Edge.Storage;
using Npgsql;

#pragma warning disable CA2100 // Only the extension's schema name and integers go into the SQL.

namespace Cencori.Edge.Memory.Acceleration;

/// <summary>Builds the SQL commands of one search with pgvector.</summary>
/// <param name="Extension">The extension of the database.</param>
/// <param name="Space">The namespace to search.</param>
/// <param name="Vector">Vector of the query, normalized to length 1.</param>
/// <param name="Count">Number of results wanted.</param>
/// <param name="Filter">Filter on the entries' metadata. Null: every entry matches.</param>
/// <param name="Now">Entries that expire up to this Unix time (milliseconds) are skipped.</param>
internal sealed record VectorQuery(PgVector Extension, MemoryNamespaceRecord Space, float[] Vector, int Count, MemoryFilter? Filter, long Now)
{
    // Value of hnsw.ef_search: number of candidates in each step of the scan. 100 finds more than pgvector's default of 40, for little more time.
    private const int Breadth = 100;
    private const int MaxBreadth = 1_000;

    // Value of hnsw.max_scan_tuples: the scan stops after this many tuples. A limit is needed, because the index also holds the entries of other tenants.
    private const int MaxLookedAt = 20_000;

    // Value of hnsw.scan_mem_multiplier: a scan may use this multiple of work_mem (4 MB by default).
    private const int MemoryShare = 8;

    // These settings make PostgreSQL look up each row by its key. Without table statistics, the planner would otherwise read whole tables.
    private const string OneByOne = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;";

    private const string Columns = """SELECT m."Number", m."ExpiresAt", m."Metadata", v."Vector" """;

    private const string Row = """
        JOIN memory_vectors v ON v."ProjectId" = m."ProjectId" AND v."Environment" = m."Environment" AND v."NamespaceId" = m."NamespaceId" AND v."Generation" = @generation AND v."MemoryId" = m."Id"
        WHERE m."ProjectId" = @project AND m."Environment" = @environment AND m."NamespaceId" = @namespace
        """;

    /// <summary>
    /// Builds the query. The query returns more rows than wanted, because the index holds long vectors with half precision and so returns some rows in
    /// a wrong order.
    /// </summary>
    /// <param name="connection">A connection with an open transaction.</param>
    /// <param name="among">The entries to compare.</param>
    /// <param name="numbers">Entry numbers, used only for <see cref="VectorSubset.Numbered"/>.</param>
    public NpgsqlCommand Command(NpgsqlConnection connection, VectorSubset among, IReadOnlyCollection<long>? numbers)
    {
        if (among == VectorSubset.Numbered)
        {
            var few = Command(connection, $"""{OneByOne} {Columns} FROM memories m {Row} AND m."Number" = ANY(@numbers)""");
            few.Parameters.AddWithValue("numbers", numbers!.ToArray());
            return few;
        }

        // With enable_sort = off the planner uses the index. Otherwise it may choose a full sort: PostgreSQL stores large vectors outside of the table (TOAST),
        // so the table looks small.
        var settings = among == VectorSubset.All ? "" : string.Create(CultureInfo.InvariantCulture, $"""
            SET LOCAL hnsw.iterative_scan = relaxed_order; SET LOCAL hnsw.ef_search = {Math.Clamp(FetchCount, Breadth, MaxBreadth)}; SET LOCAL hnsw.max_scan_tuples = {MaxLookedAt};
            SET LOCAL hnsw.scan_mem_multiplier = {MemoryShare}; SET LOCAL enable_sort = off;
            """);
        var command = Command(connection, $"""
            {OneByOne}
            {settings}
            WITH near AS MATERIALIZED (SELECT "MemoryId" FROM {Fitting} ORDER BY {Extension.Distance(Space.Dimensions, among == VectorSubset.All)} LIMIT @count)
            {Columns} FROM near JOIN memories m ON m."Id" = near."MemoryId" {Row}
            """);
        command.Parameters.AddWithValue("count", FetchCount);
        command.Parameters.AddWithValue("vector", Vector);
        return command;
    }

    /// <summary>Builds the query that counts the matching entries, up to a little more than <paramref name="few"/>.</summary>
    public NpgsqlCommand FewMatchesCommand(NpgsqlConnection connection, int few)
    {
        var command = Command(connection, $"SELECT COUNT(*) <= @count FROM (SELECT 1 FROM {Fitting} LIMIT @count + 1) fitting");
        command.Parameters.AddWithValue("count", few);
        return command;
    }

    /// <summary>Adds an entry with its cosine similarity to <paramref name="found"/>, if it matches the filter and has not expired.</summary>
    public void Offer(Dictionary<long, double> found, float[] buffer, long number, long expiresAt, byte[]? metadata, ReadOnlySpan<byte> vector)
    {
        if (expiresAt > Now && (Filter is null || Filter.Matches(metadata)) && vector.Length == buffer.Length * sizeof(float))
        {
            Vectors.FromBytes(vector, buffer);
            found[number] = TensorPrimitives.Dot<float>(Vector, buffer);
        }
    }

    private int FetchCount => Count + (Count / 4) + 10;

    private string[][] Terms => [.. Filter?.Terms ?? []];

    private string Fitting => string.Create(CultureInfo.InvariantCulture, $"""
        memory_near WHERE "ProjectId" = @project AND "Environment" = @environment AND "NamespaceId" = @namespace AND "Generation" = @generation
          AND "Dimensions" = {Space.Dimensions} AND ("ExpiresAt" IS NULL OR "ExpiresAt" > @now){string.Concat(Enumerable.Range(0, Terms.Length).Select(i => $" AND \"Terms\" && @terms{i}"))}
        """);

    private NpgsqlCommand Command(NpgsqlConnection connection, string sql)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue("project", Space.ProjectId);
        command.Parameters.AddWithValue("environment", Space.Environment.ToString());
        command.Parameters.AddWithValue("namespace", Space.Id);
        command.Parameters.AddWithValue("generation", Space.Generation);
        command.Parameters.AddWithValue("now", Now);
        var terms = Terms;
        for (var i = 0; i < terms.Length; i++)
        {
            command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"terms{i}"), terms[i]);
        }

        return command;
    }
}

/// <summary>The entries that a <see cref="VectorQuery"/> compares.</summary>
internal enum VectorSubset
{
    /// <summary>The entries that an index scan returns.</summary>
    Indexed,

    /// <summary>All entries that match the filter.</summary>
    All,

    /// <summary>The entries with the given numbers.</summary>
    Numbered,
}
