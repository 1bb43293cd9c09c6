namespace Cencori.Edge.Storage;

/// <summary>
/// A background service that writes queued items. On stop, it also writes the remaining items, even if it is stopped before it has started. A plain
/// <see cref="BackgroundService"/> that is stopped so early never runs, and its queue is lost.
/// </summary>
public abstract class BackgroundWriter : BackgroundService
{
    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (ExecuteTask is { IsCanceled: true })
        {
            await ExecuteAsync(new CancellationToken(canceled: true)).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Writes items until <paramref name="stoppingToken"/> is canceled, then writes the rest. The task must not end as canceled.</summary>
    /// <param name="stoppingToken">May already be canceled at the start.</param>
    protected abstract override Task ExecuteAsync(CancellationToken stoppingToken);
}
