using Cencori.Edge.Bench.Quality;

// What a search finds, by order and by who has embedded. --questions tells it for each question, the worst of them first.
var set = LabelledSet.Read();
var isDetailed = args.Contains("--questions");
Console.WriteLine($"nDCG@{Ndcg.Depth} of {set.Questions.Count} questions to {set.Entries.Count} entries");
Console.WriteLine();
Console.WriteLine("| embedded by | order | nDCG@10 |");
Console.WriteLine("|---|---|---:|");
foreach (var embedder in (Embedder[])[Embedder.Sandbox, Embedder.MiniLM])
{
    var entries = embedder.Embed(set.Entries.Select(entry => entry.Text));
    var questions = embedder.Embed(set.Questions.Select(question => question.Text));
    foreach (var (order, rank) in new Dictionary<string, Ranking> { ["vector"] = Rankings.ByVector(set.Entries, entries) })
    {
        var gains = set.Questions.Select((question, i) => (question.Text, Gain: Ndcg.Of(rank(question.Text, questions[i]), question.Grades))).ToList();
        Console.WriteLine($"| {embedder.Name} | {order} | {gains.Average(question => question.Gain):0.000} |");
        foreach (var (text, gain) in gains.OrderBy(question => question.Gain).Take(isDetailed ? gains.Count : 0))
        {
            Console.WriteLine($"| | {text} | {gain:0.000} |");
        }
    }
}
