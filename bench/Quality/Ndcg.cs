namespace Cencori.Edge.Bench.Quality;

/// <summary>Normalized discounted cumulative gain at ten: 1 when the ten best entries are in the best order, 0 when none is relevant.</summary>
internal static class Ndcg
{
    public const int Depth = 10;

    public static double Of(IEnumerable<string> ranked, IReadOnlyDictionary<string, int> grades) =>
        Gain(ranked.Select(id => grades.GetValueOrDefault(id))) / Gain(grades.Values.OrderDescending());

    private static double Gain(IEnumerable<int> grades) =>
        grades.Take(Depth).Select((grade, place) => (Math.Pow(2, grade) - 1) / Math.Log2(place + 2)).Sum();
}
