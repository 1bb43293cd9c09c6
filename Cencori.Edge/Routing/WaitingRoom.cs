using System.Collections.Concurrent;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Routing;

/// <summary>Requests that wait until somebody may be asked, where everybody has said to wait and it is not long.</summary>
public sealed class WaitingRoom
{
    /// <summary>Requests of one project that wait at once; those beyond are refused.</summary>
    public const int MostOfProject = 100;

    private readonly ConcurrentDictionary<string, int> _waiting = new();

    /// <summary>Waits, where there is room and time for it.</summary>
    /// <param name="projectId">Whose request it is.</param>
    /// <param name="clock">The request's.</param>
    /// <param name="wait">For how long.</param>
    /// <param name="most">How long the request may wait in all.</param>
    /// <param name="left">The caller does not wait any more.</param>
    /// <returns>False: it is not to wait.</returns>
    internal async ValueTask<bool> TryWaitAsync(string projectId, RequestClock clock, TimeSpan? wait, TimeSpan most, CancellationToken left)
    {
        if (wait is not { } length || clock.Time.GetElapsedTime(0, clock.WaitedForTargets) + length > most || !TryEnter(projectId))
        {
            return false;
        }

        try
        {
            await clock.WaitForTargetsAsync(length, left);
            return true;
        }
        finally
        {
            Leave(projectId);
        }
    }

    private bool TryEnter(string projectId)
    {
        if (_waiting.AddOrUpdate(projectId, 1, static (_, waiting) => waiting + 1) <= MostOfProject)
        {
            return true;
        }

        Leave(projectId);
        return false;
    }

    private void Leave(string projectId)
    {
        // The last one leaves nothing behind.
        if (_waiting.AddOrUpdate(projectId, 0, static (_, waiting) => waiting - 1) == 0)
        {
            _waiting.TryRemove(new(projectId, 0));
        }
    }
}
