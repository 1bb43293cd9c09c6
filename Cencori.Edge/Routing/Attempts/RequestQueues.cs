using System.Collections.Concurrent;

namespace Cencori.Edge.Routing.Attempts;

/// <summary>Requests that wait a short time until a target may be asked. Each project has its own queue.</summary>
public sealed class RequestQueues(TimeProvider time)
{
    /// <summary>Maximum number of waiting requests of one project. Requests of low priority may take only half of these places.</summary>
    public const int MaxOfProject = 100;

    private readonly ConcurrentDictionary<string, ProjectQueue> _queues = new(StringComparer.Ordinal);
    private int _waiting;

    /// <summary>Number of waiting requests, of all projects.</summary>
    public int Count => Volatile.Read(ref _waiting);

    /// <summary>Finds requests of at least this priority that already wait for room in a credential's limits.</summary>
    /// <returns>Time until the last of them may try; null: there are none.</returns>
    internal TimeSpan? TimeUntilRoom(string projectId, string credentialId, WaitPriority priority) =>
        Count > 0 && _queues.TryGetValue(projectId, out var queue) ? queue.TimeUntilRoom(credentialId, priority) : null;

    /// <summary>
    /// Waits until it is the request's turn to try, if the queue has a free place and the time allows. A request that waits again keeps its place until it
    /// is disposed.
    /// </summary>
    /// <param name="queued">The request.</param>
    /// <param name="wait">Time until an attempt may succeed. Null: never.</param>
    /// <param name="max">Longest total wait.</param>
    /// <returns>False: the request must not wait, or not any longer.</returns>
    /// <exception cref="OperationCanceledException">The caller has left.</exception>
    internal async ValueTask<bool> TryWaitAsync(QueuedRequest queued, TimeSpan? wait, TimeSpan max)
    {
        if (wait is not { } length || length > max)
        {
            return false;
        }

        while (true)
        {
            var queue = _queues.GetOrAdd(queued.ProjectId, id => new ProjectQueue(time, MaxOfProject, Changed, queue => _queues.TryRemove(new(id, queue))));
            if (queue.TryJoin(queued, length, max, out var turn))
            {
                return turn is not null && await queued.Clock.WaitForTargetsAsync(turn.WaitAsync(queued.Aborted));
            }

            // The last request of the queue has just left, so the queue has ended. The loop starts a new one.
        }
    }

    private void Changed(int by) => Interlocked.Add(ref _waiting, by);
}
