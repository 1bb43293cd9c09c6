namespace Cencori.Edge.Policies;

/// <summary>
/// The webhook events of one project that wait to be sent. Each event reports one block: a request or response that a policy blocked. Blocks without an event
/// of their own are counted, and the next event reports their number.
/// </summary>
internal sealed class BlockQueue(string projectId, TimeProvider time)
{
    /// <summary>Maximum number of blocks per second that are reported by an event each. Further blocks in the same second are only counted.</summary>
    public const int MaxPerSecond = 10;

    /// <summary>Maximum number of waiting events of one project, so that one project cannot use up <see cref="BlockEvents.MaxWaiting"/>.</summary>
    public const int Max = 100;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Queue<(PolicyWebhook Webhook, BlockEvent Block)> _waiting = new();
    private long _second;
    private int _inSecond;
    private long _suppressed;
    private bool _isServed;

    public string ProjectId => projectId;

    /// <summary>Call for each block.</summary>
    /// <returns>True: an event must report the block. False: <see cref="MaxPerSecond"/> blocks of this second already got events, so the block was only
    /// counted.</returns>
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

    /// <returns>False when the queue is full. The event is then not added.</returns>
    /// <param name="webhook">The receiver.</param>
    /// <param name="block">The event.</param>
    /// <param name="isFirst">True when no task serves this queue yet: the caller must start one.</param>
    public bool TryAdd(PolicyWebhook webhook, BlockEvent block, out bool isFirst)
    {
        lock (_gate)
        {
            isFirst = false;
            if (_waiting.Count >= Max)
            {
                return false;
            }

            _waiting.Enqueue((webhook, block));
            (isFirst, _isServed) = (!_isServed, true);
            return true;
        }
    }

    /// <returns>False when the queue is empty. The task that serves this queue then ends.</returns>
    public bool TryTake(out (PolicyWebhook Webhook, BlockEvent Block) next)
    {
        lock (_gate)
        {
            _isServed = _waiting.TryDequeue(out next);
            return _isServed;
        }
    }

    /// <summary>Adds to the count of blocks whose own event is not sent or not delivered.</summary>
    public void Suppress(long count) => Interlocked.Add(ref _suppressed, count);

    /// <summary>Returns the count of blocks whose own event was not sent or not delivered, and sets it to 0. The next event reports this count.</summary>
    public long TakeSuppressed() => Interlocked.Exchange(ref _suppressed, 0);
}
