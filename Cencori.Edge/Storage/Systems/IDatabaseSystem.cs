using System.Data.Common;

namespace Cencori.Edge.Storage.Systems;

/// <summary>What differs between the database systems that an edge can use.</summary>
public interface IDatabaseSystem
{
    /// <summary>Name of the setting that selects the database.</summary>
    string Setting { get; }

    /// <summary>The database as error messages name it, without secrets: <c>the database 'edge' on 'db.internal'</c>.</summary>
    string Name { get; }

    /// <summary>True when several edges, each with its own data directory, may use one database.</summary>
    bool IsShared { get; }

    /// <summary>Takes the lock for preparing this database. The lock is held until the result is disposed. Waits for other edges.</summary>
    Task<IAsyncDisposable> LockAsync(CancellationToken cancellation);

    /// <summary>Opens a connection outside all pools, for work that takes minutes. Only for database servers.</summary>
    Task<DbConnection> OpenUnpooledAsync(CancellationToken cancellation) => throw new NotSupportedException();

    /// <summary>Called when the database is prepared. Keeps it readable until the edge ends, even if the disk fills up.</summary>
    Task KeepOpenAsync() => Task.CompletedTask;

    /// <summary>True when a read blocks its thread until the read is done. Such reads run on their own threads, few at a time.</summary>
    bool HoldsThreads => false;

    /// <summary>Opens a read-only connection that requests do not use. It sees one snapshot, and fails when a read takes longer than <paramref name="limit"/>.</summary>
    Task<DatabaseReader> OpenReaderAsync(TimeSpan limit, CancellationToken cancellation);

    /// <summary>True when the exception says that a read was ended because it took too long.</summary>
    bool IsOverLimit(Exception exception);

    /// <summary>Explains why the database cannot be used. Null: the exception has another cause, and is a fault of the edge.</summary>
    DatabaseFault? Explain(Exception exception);

    /// <summary>True when a write failed because of a concurrent change or lock. Nothing was written.</summary>
    bool IsConflict(Exception exception);
}

/// <summary>Why the database cannot be used.</summary>
/// <param name="IsTransient">True: the fault may end without a change by the operator. False: the operator must fix it.</param>
/// <param name="Reason">Completes a sentence that begins with the database's name: <c>does not exist</c>. Contains no secrets.</param>
public sealed record DatabaseFault(bool IsTransient, string Reason);
