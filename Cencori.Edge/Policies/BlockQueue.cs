namespace Cencori.Edge.Policies;

/// <summary>What one project's webhook is to be told next, and what it will not be told one by one.</summary>
internal sealed class BlockQueue(string projectId, TimeProvider time)
{
    /// <summary>Blocks that come faster are added up.</summary>
    public const int MaxPerSecond = 10;

    /// <summary>Events that wait, so that one project cannot take all the places.</summary>
    public const int Most = 100;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Queue<(PolicyWebhook Webhook, BlockEvent Block)> _waiting = new();
    private long _second;
    private int _inSecond;
    private long _suppressed;
    private bool _isServed;

    public string ProjectId => projectId;

    /// <summary>Takes a turn of this second. False: there is none left, and the block is added up.</summary>
    public bool TryTakeTurn()
    {
        lock (_gate)
        {
            if (time.GetElapsedTime(_second) >= Second)
            {
                (_second, _inSecond) = (time.GetTimestamp(), 0);
            }

            if (_inSecond == MaxPerSecond)
            {
                Suppress(1);
                return false;
            }

            _inSecond++;
            return true;
        }
    }

    /// <returns>False: there is no room.</returns>
    /// <param name="webhook">To whom.</param>
    /// <param name="block">What.</param>
    /// <param name="isFirst">Nobody serves this queue yet: whoever has added it has somebody do so.</param>
    public bool TryAdd(PolicyWebhook webhook, BlockEvent block, out bool isFirst)
    {
        lock (_gate)
        {
            isFirst = false;
            if (_waiting.Count >= Most)
            {
                return false;
            }

            _waiting.Enqueue((webhook, block));
            (isFirst, _isServed) = (!_isServed, true);
            return true;
        }
    }

    /// <returns>False: there is nothing more, and the queue is no longer served.</returns>
    public bool TryTake(out (PolicyWebhook Webhook, BlockEvent Block) next)
    {
        lock (_gate)
        {
            _isServed = _waiting.TryDequeue(out next);
            return _isServed;
        }
    }

    /// <summary>Of so many blocks no event tells.</summary>
    public void Suppress(long count) => Interlocked.Add(ref _suppressed, count);

    /// <summary>What the next event tells of.</summary>
    public long TakeSuppressed() => Interlocked.Exchange(ref _suppressed, 0);
}
