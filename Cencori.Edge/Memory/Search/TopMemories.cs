namespace Cencori.Edge.Memory.Search;

/// <summary>Keeps the most similar of the entries that are offered to it.</summary>
/// <param name="count">Maximum number of entries to keep.</param>
/// <param name="threshold">Entries below this similarity are dropped.</param>
internal sealed class TopMemories(int count, double threshold)
{
    // The entry with the lowest similarity is first. Among equals, the older entry is first, so it is dropped first.
    private readonly PriorityQueue<long, (double Similarity, long Number)> _best = new(count + 1);

    // Rounding tolerance for the threshold: a dot product of floats may be this much below the exact cosine.
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

    /// <summary>Removes all kept entries and returns them, the most similar first.</summary>
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
