using System.Data.Common;

namespace Cencori.Edge.Storage.Systems;

/// <summary>There are too many concurrent reads, or a read takes too long. A later retry may succeed.</summary>
public sealed class DatabaseBusyException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Runs reads for the dashboard and the administration without slowing down requests. Only a few run at once. Each has its own read-only connection,
/// reads one snapshot, and has a time limit.
/// </summary>
public sealed class ReadDatabase(IDatabaseSystem system) : IDisposable
{
    /// <summary>Number of concurrent reads of this edge. Further reads wait. Half as many where reads block threads.</summary>
    public const int AtOnce = 4;

    /// <summary>How long a read waits for its turn by default.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>Time limit of a read; on PostgreSQL, of each of its statements.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _turns = new(system.HoldsThreads ? AtOnce / 2 : AtOnce);

    /// <param name="read">The read. It must close what it opens on the connection.</param>
    /// <param name="cancellation">Cancels the wait. Also cancels the read where the read supports that.</param>
    /// <param name="timeout">How long to wait for a turn. Default <see cref="Timeout"/>.</param>
    /// <exception cref="DatabaseBusyException">The read waited too long for its turn, or took too long itself.</exception>
    public async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellation, TimeSpan? timeout = null)
    {
        if (!await _turns.WaitAsync(timeout ?? Timeout, cancellation))
        {
            throw new DatabaseBusyException("Too many reads at once.");
        }

        try
        {
            return system.HoldsThreads
                ? await Task.Factory.StartNew(() => ReadAsync(read, cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()
                : await ReadAsync(read, cancellation);
        }
        catch (Exception exception) when (system.IsOverLimit(exception))
        {
            cancellation.ThrowIfCancellationRequested();
            throw new DatabaseBusyException("The read took too long.", exception);
        }
        finally
        {
            _turns.Release();
        }
    }

    private async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellation)
    {
        await using var reader = await system.OpenReaderAsync(Limit, cancellation);
        return await read(reader.Connection);
    }

    public void Dispose() => _turns.Dispose();
}

/// <summary>A read-only connection; see <see cref="IDatabaseSystem.OpenReaderAsync"/>.</summary>
public abstract class DatabaseReader : IAsyncDisposable
{
    public abstract DbConnection Connection { get; }

    public abstract ValueTask DisposeAsync();
}
