using System.Data.Common;

namespace Cencori.Edge.Storage;

/// <summary>Too many people read at once, or one asks for more than can be read in time: another try may succeed. Nothing is wrong.</summary>
public sealed class DatabaseBusyException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Reads what people look at. Requests must not feel it: few such reads run at once, each on a connection of its own that can change
/// nothing, sees one moment of the database, and is ended when it takes too long.
/// </summary>
public sealed class ReadDatabase(IDatabaseSystem system) : IDisposable
{
    /// <summary>Reads that run at once in an edge; the next ones wait. Where they hold threads it is half as many.</summary>
    public const int AtOnce = 4;

    /// <summary>How long one waits for its turn.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>How long one may take; on PostgreSQL each of its statements.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _turns = new(system.HoldsThreads ? AtOnce / 2 : AtOnce);

    /// <param name="read">Closes what it opens on the connection.</param>
    /// <param name="cancellation">Ends the wait, and what understands it.</param>
    /// <param name="timeout">Default <see cref="Timeout"/>.</param>
    /// <exception cref="DatabaseBusyException">There was no turn in time, or it took too long.</exception>
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

/// <summary>A connection that only reads; see <see cref="IDatabaseSystem.OpenReaderAsync"/>.</summary>
public abstract class DatabaseReader : IAsyncDisposable
{
    public abstract DbConnection Connection { get; }

    public abstract ValueTask DisposeAsync();
}
