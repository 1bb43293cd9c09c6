using Cencori.Edge.Memory;
using Cencori.Edge.Memory.Search;

namespace Cencori.Edge.Bench.Quality;

/// <summary>Search quality by embedder and order. <c>--questions</c> prints it per question, worst first; <c>--scale</c> measures large searches, see <see cref="Scale"/>.</summary>
internal static class QualityBench
{
    private static async Task Main(string[] args)
    {
        await using var memory = await RunningMemory.StartAsync();
        if (args is ["--scale", .. var sizes])
        {
            await Scale.RunAsync(memory, sizes.Length > 0 ? sizes : ["1000x384", "1000x1536", "10000x384", "10000x1536", "100000x384", "100000x1536"]);
            return;
        }

        var set = LabelledSet.Read();
        Console.WriteLine($"nDCG@{Ndcg.Depth} of {set.Questions.Count} questions to {set.Entries.Count} entries");
        Console.WriteLine();
        Console.WriteLine("| embedded by | order | nDCG@10 |");
        Console.WriteLine("|---|---|---:|");
        foreach (var embedder in (Embedder[])[Embedder.Sandbox, Embedder.MiniLM])
        {
            var questions = embedder.Embed(set.Questions.Select(question => question.Text));
            var space = await memory.StoreAsync(set.Entries, embedder.Embed(set.Entries.Select(entry => entry.Text)));
            foreach (var order in Enum.GetValues<MemoryOrder>())
            {
                var gains = new List<(string Text, double Gain)>();
                foreach (var (question, vector) in set.Questions.Zip(questions))
                {
                    gains.Add((question.Text, Ndcg.Of(await memory.SearchAsync(space, order, question.Text, vector), question.Grades)));
                }

                Console.WriteLine($"| {embedder.Name} | {order} | {gains.Average(question => question.Gain):0.000} |");
                foreach (var (text, gain) in gains.OrderBy(question => question.Gain).Take(args.Contains("--questions") ? gains.Count : 0))
                {
                    Console.WriteLine($"| | {text} | {gain:0.000} |");
                }
            }
        }
    }
}
