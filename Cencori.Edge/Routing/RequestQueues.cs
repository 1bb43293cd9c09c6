using System.Collections.Concurrent;

namespace Cencori.Edge.Routing;

/// <summary>Requests that wait until somebody may be asked, where that is not long: each project's in a queue of their own.</summary>
public sealed class RequestQueues(TimeProvider time)
{
    /// <summary>Requests of one project that wait at once; those beyond are refused. Those of low priority are where half of it is taken.</summary>
    public const int MaxOfProject = 100;

    private readonly ConcurrentDictionary<string, ProjectQueue> _queues = new(StringComparer.Ordinal);
    private int _waiting;

    /// <summary>Requests that wait now, of all projects.</summary>
    public int Count => Volatile.Read(ref _waiting);

    /// <summary>Others wait already for room in the limits of a credential, and go before those of the priority.</summary>
    /// <returns>When all of them can be served; null: there are none.</returns>
    internal TimeSpan? RoomIn(string projectId, string credentialId, WaitPriority priority) =>
        Count > 0 && _queues.TryGetValue(projectId, out var queue) ? queue.RoomIn(credentialId, priority) : null;

    /// <summary>Waits for the request's turn to try, where there is room and time for it. Once more keeps its place. It leaves when it is disposed of.</summary>
    /// <param name="queued">The request.</param>
    /// <param name="wait">When trying may help. Null: never.</param>
    /// <param name="most">How long it may wait in all.</param>
    /// <returns>False: it is not to wait, or not any more.</returns>
    /// <exception cref="OperationCanceledException">The caller has left.</exception>
    internal async ValueTask<bool> TryWaitAsync(QueuedRequest queued, TimeSpan? wait, TimeSpan most)
    {
        if (wait is not { } length || length > most)
        {
            return false;
        }

        while (true)
        {
            var queue = _queues.GetOrAdd(queued.ProjectId, id => new ProjectQueue(time, MaxOfProject, Changed, queue => _queues.TryRemove(new(id, queue))));
            if (queue.TryJoin(queued, length, most, out var turn))
            {
                return turn is not null && await queued.Clock.WaitForTargetsAsync(turn.WaitAsync(queued.Left));
            }

            // Its last one has left just now.
        }
    }

    private void Changed(int by) => Interlocked.Add(ref _waiting, by);
}
