using System.Data.Common;

namespace Cencori.Edge.Storage;

/// <summary>The differences between the database systems that an edge can use.</summary>
public interface IDatabaseSystem
{
    /// <summary>The setting that names the database.</summary>
    string Setting { get; }

    /// <summary>The database as an operator knows it, without secrets: <c>the database 'edge' on 'db.internal'</c>.</summary>
    string Name { get; }

    /// <summary>True if several edges, each with its own data directory, may use one database.</summary>
    bool IsShared { get; }

    /// <summary>Takes the lock on preparing this database; held until disposed. Waits for other edges.</summary>
    Task<IAsyncDisposable> LockAsync(CancellationToken cancellation);

    /// <summary>A connection outside all pools, for work that takes minutes. Only for database servers.</summary>
    Task<DbConnection> OpenAloneAsync(CancellationToken cancellation) => throw new NotSupportedException();

    /// <summary>Called once the database is prepared: keeps it readable for the life of the edge, even if the disk fills up.</summary>
    Task KeepOpenAsync() => Task.CompletedTask;

    /// <summary>True if a read blocks its thread until it is done. Such reads run on their own threads, few at a time.</summary>
    bool HoldsThreads => false;

    /// <summary>A read-only connection apart from those of requests. Sees one snapshot, and fails when a read takes longer than <paramref name="limit"/>.</summary>
    Task<DatabaseReader> OpenReaderAsync(TimeSpan limit, CancellationToken cancellation);

    /// <summary>True if a read was ended because it took too long.</summary>
    bool IsOverLimit(Exception exception);

    /// <summary>What an exception says about the database. Null: it says nothing about the database and is a fault of the edge.</summary>
    DatabaseFault? Explain(Exception exception);

    /// <summary>True if a concurrent change or lock made the write fail; nothing was written.</summary>
    bool IsConflict(Exception exception);
}

/// <summary>Why the database cannot be used.</summary>
/// <param name="IsAway">True: the fault may pass with time. False: the operator must fix it.</param>
/// <param name="Reason">Follows the database's name in messages: <c>does not exist</c>. Contains no secrets.</param>
public sealed record DatabaseFault(bool IsAway, string Reason);
