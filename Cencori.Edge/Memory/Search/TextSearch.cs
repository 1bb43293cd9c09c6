using System.Numerics;
using System.Text;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Cencori.Edge.Memory.Search;

/// <summary>
/// Finds entries by words. The database's full-text index finds the entries that have a word. BM25 then ranks them with the word frequencies of this
/// namespace only. Data of other projects affects neither the ranking nor the cost, apart from the index lookup of a word.
/// </summary>
internal sealed class TextSearch(IDbContextFactory<EdgeDbContext> contexts, TimeProvider time)
{
    // Maximum number of words of a query. Each word has one bit in a 32-bit mask.
    private const int MaxTerms = 32;

    // Maximum number of entries that are read per word, the newest first. If more entries have a word, the word hardly affects the ranking.
    private const int MaxWithTerm = 20_000;

    // Maximum number of entries whose texts are read for ranking. Entries with the rarest words of the query are read first.
    private const int MaxTexts = 1_000;

    // The parameters k1 and b of BM25, with their usual values.
    private const double Saturation = 1.2;
    private const double LengthShare = 0.75;

    private const string Sqlite = """
        SELECT m."Number", m."Metadata" FROM memory_words CROSS JOIN memories m ON m."Number" = memory_words.rowid
        WHERE memory_words MATCH @query AND m."ProjectId" = @project AND m."Environment" = @environment AND m."NamespaceId" = @namespace AND (m."ExpiresAt" IS NULL OR m."ExpiresAt" > @now)
        """;

    private const string Postgres = """
        SELECT m."Number", m."Metadata" FROM memories m
        WHERE m."Words" @@ to_tsquery('simple', @query) AND m."ProjectId" = @project AND m."Environment" = @environment AND m."NamespaceId" = @namespace AND (m."ExpiresAt" IS NULL OR m."ExpiresAt" > @now)
        """;

    /// <param name="space">The namespace.</param>
    /// <param name="query">The text whose words are searched.</param>
    /// <param name="filter">Filter on the entries' metadata. Null: every entry matches.</param>
    /// <param name="onlyUnembedded">True: searches only entries without a vector.</param>
    /// <param name="count">Maximum number of results.</param>
    /// <param name="cancellation">Cancelled when the caller disconnects.</param>
    /// <returns>The best results first. Each has the share of the query's words that the entry contains, weighted by rarity.</returns>
    public async Task<List<(long Number, double Share)>> FindAsync(MemoryNamespaceRecord space, string query, MemoryFilter? filter, bool onlyUnembedded, int count, CancellationToken cancellation)
    {
        // Each word in two forms: SQLite's index removes accents, and PostgreSQL's index keeps them.
        var terms = TextTerms.Of(query, folds: true).Zip(TextTerms.Of(query, folds: false)).DistinctBy(term => term.First, StringComparer.Ordinal).Take(MaxTerms).ToList();
        if (terms.Count == 0)
        {
            return [];
        }

        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await database.Database.OpenConnectionAsync(cancellation);
        var (masks, with, others) = (new Dictionary<long, uint>(), new int[terms.Count], new HashSet<long>());
        for (var i = 0; i < terms.Count; i++)
        {
            with[i] = await MarkAsync(database, space, terms[i], filter, onlyUnembedded, 1u << i, masks, others, cancellation);
        }

        var all = Math.Max(space.StoredCount, with.Max());
        var weights = Array.ConvertAll(with, documents => Math.Log(1 + ((all - documents + 0.5) / (documents + 0.5))));
        var candidates = masks.OrderByDescending(pair => WeightOf(pair.Value, weights)).ThenByDescending(pair => pair.Key).Take(MaxTexts).Select(pair => pair.Key).ToList();
        var texts = await database.MemoriesOf(space).AsNoTracking().Where(row => candidates.Contains(row.Number)).Select(row => new { row.Number, row.Content }).ToListAsync(cancellation);
        var places = terms.Select((term, i) => (term.First, i)).ToDictionary(pair => pair.First, pair => pair.i, StringComparer.Ordinal);
        var scores = Scores([.. texts.Select(text => (text.Content, masks[text.Number]))], places, weights);
        var total = weights.Sum();
        return [.. texts.Zip(scores).OrderByDescending(pair => pair.Second).ThenByDescending(pair => pair.First.Number).Take(count)
            .Select(pair => (pair.First.Number, WeightOf(masks[pair.First.Number], weights) / total))];
    }

    // Sets the word's bit in the mask of each entry that has the word. Returns how many entries have it.
    private async Task<int> MarkAsync(EdgeDbContext database, MemoryNamespaceRecord space, (string Folded, string Plain) term, MemoryFilter? filter, bool onlyUnembedded, uint mark, Dictionary<long, uint> masks, HashSet<long> others, CancellationToken cancellation)
    {
        var isPostgres = database.Database.GetDbConnection() is NpgsqlConnection;
        var sql = (isPostgres ? Postgres : Sqlite) + (onlyUnembedded ? VectorReader.UnembeddedCondition : "") + (isPostgres ? """ ORDER BY m."Number" DESC LIMIT @most""" : " ORDER BY memory_words.rowid DESC LIMIT @most");
        await using var command = VectorReader.Command(database, space, sql);
        VectorReader.Add(command, "query", isPostgres
            ? (term.Plain == term.Folded ? $"'{term.Plain}'" : $"'{term.Plain}' | '{term.Folded}'")
            : $"scope:\"{space.Id.Replace("_", "", StringComparison.Ordinal)}\" AND content:\"{term.Folded}\"");
        VectorReader.Add(command, "now", time.GetUtcNow().ToUnixTimeMilliseconds());
        VectorReader.Add(command, "most", MaxWithTerm);
        if (onlyUnembedded)
        {
            VectorReader.Add(command, "generation", space.Generation);
        }

        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var count = 0;
        while (await reader.ReadAsync(cancellation))
        {
            var number = reader.GetInt64(0);
            count++;
            if (masks.TryGetValue(number, out var mask))
            {
                masks[number] = mask | mark;
            }
            else if (filter is null || (!others.Contains(number) && !reader.IsDBNull(1) && filter.Matches(Encoding.UTF8.GetBytes(reader.GetString(1)))))
            {
                masks[number] = mark;
            }
            else
            {
                others.Add(number);
            }
        }

        return count;
    }

    private static double WeightOf(uint mask, double[] weights)
    {
        var sum = 0.0;
        for (; mask != 0; mask &= mask - 1)
        {
            sum += weights[BitOperations.TrailingZeroCount(mask)];
        }

        return sum;
    }

    private static double[] Scores(List<(string Content, uint Mask)> texts, Dictionary<string, int> places, double[] weights)
    {
        var (times, lengths) = (new int[texts.Count][], new int[texts.Count]);
        for (var i = 0; i < texts.Count; i++)
        {
            lengths[i] = TextTerms.Count(texts[i].Content, places, times[i] = new int[weights.Length]);
        }

        var average = texts.Count == 0 ? 1 : Math.Max(1, lengths.Average());
        return [.. texts.Select((text, i) => Score(text.Mask, times[i], lengths[i]))];

        double Score(uint mask, int[] counts, int length)
        {
            var sum = 0.0;
            for (; mask != 0; mask &= mask - 1)
            {
                // The index has found the word, so at least one occurrence is assumed, even if this class splits the text into other words than the index.
                var term = BitOperations.TrailingZeroCount(mask);
                var often = Math.Max(1, counts[term]);
                sum += weights[term] * often * (Saturation + 1) / (often + (Saturation * (1 - LengthShare + (LengthShare * length / average))));
            }

            return sum;
        }
    }
}
