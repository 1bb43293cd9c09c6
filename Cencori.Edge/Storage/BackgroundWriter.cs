namespace Cencori.Edge.Storage;

/// <summary>
/// A background service that writes what it has been given, and what is left of it when it is told to stop: even if that is before
/// it has begun. A plain <see cref="BackgroundService"/> that is stopped so early never begins, and what it was given is lost.
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

    /// <summary>Writes until it is told to stop, and then all that is left. It must not end as canceled.</summary>
    /// <param name="stoppingToken">May be canceled from the beginning.</param>
    protected abstract override Task ExecuteAsync(CancellationToken stoppingToken);
}
