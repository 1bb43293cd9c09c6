using System.Text;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Cencori.Edge.Memory;

/// <summary>
/// Finds entries by words. The database's index names those that have any of them; which is best is said here, by BM25 over what was found, so
/// that it is the same with each database and nothing of other projects goes into it.
/// </summary>
internal sealed class TextSearch(IDbContextFactory<EdgeDbContext> contexts, TimeProvider time)
{
    private const int MostTerms = 32;

    // Of more that have a word of it, those that the database ranks highest.
    private const int MostCandidates = 2_000;

    // As most who have measured it take them.
    private const double Saturation = 1.2;
    private const double LengthShare = 0.75;

    private const string Sqlite = """
        SELECT m."Number", m."Content", m."Metadata" FROM memory_words CROSS JOIN memories m ON m."Number" = memory_words.rowid
        WHERE memory_words MATCH @query AND m."ProjectId" = @project AND m."Environment" = @environment AND m."NamespaceId" = @namespace AND (m."ExpiresAt" IS NULL OR m."ExpiresAt" > @now)
        """;

    private const string Postgres = """
        SELECT m."Number", m."Content", m."Metadata" FROM memories m
        WHERE m."Words" @@ to_tsquery('simple', @query) AND m."ProjectId" = @project AND m."Environment" = @environment AND m."NamespaceId" = @namespace AND (m."ExpiresAt" IS NULL OR m."ExpiresAt" > @now)
        """;

    /// <param name="space">Where.</param>
    /// <param name="query">The words.</param>
    /// <param name="filter">Null: every entry.</param>
    /// <param name="onlyUnembedded">Only those without a vector.</param>
    /// <param name="count">At most.</param>
    /// <param name="cancellation">Nobody waits any more.</param>
    /// <returns>The best first, each with the share of the words that it has: rare ones weigh more.</returns>
    public async Task<List<(long Number, double Share)>> FindAsync(MemoryNamespaceRecord space, string query, MemoryFilter? filter, bool onlyUnembedded, int count, CancellationToken cancellation)
    {
        var terms = TextTerms.Of(query, folds: true).Distinct(StringComparer.Ordinal).Take(MostTerms).ToList();
        if (terms.Count == 0)
        {
            return [];
        }

        // PostgreSQL keeps marks on letters.
        var asked = TextTerms.Of(query, folds: false, MostTerms).Concat(terms).Distinct(StringComparer.Ordinal);
        var candidates = await CandidatesAsync(space, asked, filter, onlyUnembedded, cancellation);
        return Rank(candidates, terms, space.StoredCount, count);
    }

    private async Task<List<(long Number, string Content)>> CandidatesAsync(MemoryNamespaceRecord space, IEnumerable<string> terms, MemoryFilter? filter, bool onlyUnembedded, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await database.Database.OpenConnectionAsync(cancellation);
        var isPostgres = database.Database.GetDbConnection() is NpgsqlConnection;
        var sql = (isPostgres ? Postgres : Sqlite) + (onlyUnembedded ? VectorReader.AndUnembedded : "")
            + (isPostgres ? """ ORDER BY ts_rank(m."Words", to_tsquery('simple', @query)) DESC, m."Number" DESC""" : " ORDER BY bm25(memory_words, 0.0, 1.0), m.\"Number\" DESC");
        await using var command = VectorReader.Command(database, space, sql);
        VectorReader.Add(command, "query", isPostgres ? string.Join(" | ", terms.Select(term => $"'{term}'")) : $"scope:\"{space.Id.Replace("_", "", StringComparison.Ordinal)}\" AND content:({string.Join(" OR ", terms.Select(term => $"\"{term}\""))})");
        VectorReader.Add(command, "now", time.GetUtcNow().ToUnixTimeMilliseconds());
        if (onlyUnembedded)
        {
            VectorReader.Add(command, "generation", space.Generation);
        }

        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var found = new List<(long, string)>();
        while (found.Count < MostCandidates && await reader.ReadAsync(cancellation))
        {
            // Before the bound, so that a filter that fits few finds them all the same.
            if (filter is null || (!reader.IsDBNull(2) && filter.Matches(Encoding.UTF8.GetBytes(reader.GetString(2)))))
            {
                found.Add((reader.GetInt64(0), reader.GetString(1)));
            }
        }

        return found;
    }

    private static List<(long Number, double Share)> Rank(List<(long Number, string Content)> candidates, List<string> terms, int stored, int count)
    {
        var (frequencies, lengths) = (new int[candidates.Count][], new int[candidates.Count]);
        var documents = new int[terms.Count];
        var places = terms.Select((term, i) => (term, i)).ToDictionary(pair => pair.term, pair => pair.i, StringComparer.Ordinal);
        for (var i = 0; i < candidates.Count; i++)
        {
            var words = TextTerms.Of(candidates[i].Content, folds: true);
            (frequencies[i], lengths[i]) = (new int[terms.Count], words.Count);
            foreach (var word in words)
            {
                if (places.TryGetValue(word, out var term) && frequencies[i][term]++ == 0)
                {
                    documents[term]++;
                }
            }
        }

        var all = Math.Max(stored, candidates.Count);
        var weights = Array.ConvertAll(documents, with => Math.Log(1 + ((all - with + 0.5) / (with + 0.5))));
        var average = candidates.Count == 0 ? 1 : Math.Max(1, lengths.Average());
        return [.. candidates.Select((candidate, i) => (candidate.Number, Score: Score(frequencies[i], lengths[i]), Share: Share(frequencies[i])))
            .Where(ranked => ranked.Share > 0)
            .OrderByDescending(ranked => ranked.Score).ThenByDescending(ranked => ranked.Number).Take(count).Select(ranked => (ranked.Number, ranked.Share))];

        double Score(int[] counts, int length) =>
            counts.Select((times, term) => weights[term] * times * (Saturation + 1) / (times + (Saturation * (1 - LengthShare + (LengthShare * length / average))))).Sum();

        double Share(int[] counts) => counts.Select((times, term) => times > 0 ? weights[term] : 0).Sum() / weights.Sum();
    }
}
