namespace Cencori.Edge.Memory;

/// <summary>Keeps the best of what is offered.</summary>
/// <param name="count">So many.</param>
/// <param name="threshold">None below it.</param>
internal sealed class TopMemories(int count, double threshold)
{
    // The worst first. Among equals the older one goes.
    private readonly PriorityQueue<long, (double Similarity, long Number)> _best = new(count + 1);

    // What a dot product of floats may lack of the cosine that a person would compute.
    private const double Tolerance = 1e-6;

    public void Offer(long number, double similarity)
    {
        similarity = Math.Clamp(similarity, 0, 1);
        if (similarity + Tolerance < threshold)
        {
            return;
        }

        if (_best.Count < count)
        {
            _best.Enqueue(number, (similarity, number));
        }
        else if (_best.TryPeek(out _, out var worst) && (similarity, number).CompareTo(worst) > 0)
        {
            _best.EnqueueDequeue(number, (similarity, number));
        }
    }

    /// <summary>The best first. Once.</summary>
    public List<(long Number, double Similarity)> Take()
    {
        var found = new List<(long, double)>(_best.Count);
        while (_best.TryDequeue(out var number, out var rank))
        {
            found.Add((number, rank.Similarity));
        }

        found.Reverse();
        return found;
    }
}
