using System.Data.Common;

namespace Cencori.Edge.Storage;

/// <summary>What the start of an edge must know of the database system beneath it.</summary>
public interface IDatabaseSystem
{
    /// <summary>The setting that leads to the database.</summary>
    string Setting { get; }

    /// <summary>The database as an operator knows it, without anything secret: <c>the database 'edge' on 'db.internal'</c>.</summary>
    string Name { get; }

    /// <summary>True where edges with data directories of their own may use one database.</summary>
    bool IsShared { get; }

    /// <summary>Waits until no other edge prepares this database, and keeps others out until it is disposed of.</summary>
    Task<IAsyncDisposable> LockAsync(CancellationToken cancellation);

    /// <summary>A connection beside all pools, for what takes minutes. Only of a server.</summary>
    Task<DbConnection> OpenAloneAsync(CancellationToken cancellation) => throw new NotSupportedException();

    /// <summary>Of a database that is prepared: sees to it that it can be opened for as long as the edge lives, whatever becomes of the disk.</summary>
    Task KeepOpenAsync() => Task.CompletedTask;

    /// <summary>True where a read holds the thread that asks until it is done. Few may run at once, on threads of their own.</summary>
    bool HoldsThreads => false;

    /// <summary>A connection apart from those of requests, which can change nothing, sees one moment, and fails when it takes longer than <paramref name="limit"/>.</summary>
    Task<DatabaseReader> OpenReaderAsync(TimeSpan limit, CancellationToken cancellation);

    /// <summary>True where a read was ended because it took too long.</summary>
    bool IsOverLimit(Exception exception);

    /// <summary>What an exception says about the database; null where it says nothing about it, and is ours.</summary>
    DatabaseFault? Explain(Exception exception);

    /// <summary>True where somebody else's change came in between, or was in the way for too long: nothing was written.</summary>
    bool IsConflict(Exception exception);
}

/// <summary>Why the database cannot be used.</summary>
/// <param name="IsAway">True where waiting may mend it; false where the operator has to.</param>
/// <param name="Reason">What to say after the database's name: <c>does not exist</c>. Holds nothing secret.</param>
public sealed record DatabaseFault(bool IsAway, string Reason);
