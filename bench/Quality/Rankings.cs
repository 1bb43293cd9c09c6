namespace Cencori.Edge.Bench.Quality;

/// <summary>Ranks entries for a question.</summary>
/// <param name="question">Its text.</param>
/// <param name="vector">Its vector.</param>
/// <returns>Ids, the best first.</returns>
internal delegate IEnumerable<string> Ranking(string question, float[] vector);

/// <summary>The orders that are compared.</summary>
internal static class Rankings
{
    public static Ranking ByVector(IReadOnlyList<Entry> entries, float[][] vectors) => (_, vector) =>
        entries.Zip(vectors, (entry, other) => (entry.Id, Similarity: Dot(vector, other))).OrderByDescending(found => found.Similarity).Select(found => found.Id);

    private static double Dot(float[] one, float[] other) => one.Zip(other, (a, b) => (double)a * b).Sum();
}
