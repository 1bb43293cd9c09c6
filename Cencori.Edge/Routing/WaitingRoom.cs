using System.Collections.Concurrent;
using Cencori.Edge.Errors;
using Cencori.Edge.Telemetry;

namespace Cencori.Edge.Routing;

/// <summary>Requests that wait until somebody may be asked, where everybody has said to wait and it is not long.</summary>
public sealed class WaitingRoom
{
    /// <summary>Requests of one project that wait at once; those beyond are refused.</summary>
    public const int MostOfProject = 100;

    private readonly ConcurrentDictionary<string, int> _waiting = new();

    /// <summary>Waits if that helps.</summary>
    /// <param name="targets">Whom the request can be sent to.</param>
    /// <param name="projectId">Whose it is.</param>
    /// <param name="clock">The request's.</param>
    /// <param name="left">The caller does not wait any more.</param>
    /// <returns>Null, or why nobody can be asked.</returns>
    internal async ValueTask<EdgeError?> WaitAsync(Targets targets, string projectId, RequestClock clock, CancellationToken left)
    {
        if (targets.Refusal() is not { } refusal || targets.MaxWait <= TimeSpan.Zero || !TryEnter(projectId))
        {
            return targets.Refusal();
        }

        try
        {
            var since = clock.Time.GetTimestamp();
            for (var nobody = refusal; nobody is { RetryAfter: { } wait }; nobody = targets.Refusal()!)
            {
                if (clock.Time.GetElapsedTime(since) + wait > targets.MaxWait)
                {
                    return nobody;
                }

                await clock.WaitForTargetsAsync(wait, left);
            }

            return null;
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
