using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Audit;

/// <summary>
/// Reads rows of the audit log for whoever goes through many of them. A statement looks at <see cref="Step"/> rows at most, and in an edge one
/// runs at a time: exports and checks may come as they like, and requests do not feel it.
/// </summary>
internal sealed class AuditRows(IDbContextFactory<EdgeDbContext> contexts) : IDisposable
{
    /// <summary>Rows that one statement looks at.</summary>
    public const int Step = 5_000;

    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>The next rows after one, oldest first.</summary>
    public Task<List<AuditRecord>> AfterAsync(long id, int count, CancellationToken cancellation) => ReadAsync(
        database => database.Audit.AsNoTracking().Where(row => row.Id > id).OrderBy(row => row.Id).Take(count).ToListAsync(cancellation), cancellation);

    /// <summary>What a filter finds, newest first, as many as are asked for or there are.</summary>
    /// <param name="filter">Its limit does not matter here.</param>
    /// <param name="before">Only rows before this one; null: from the newest on.</param>
    /// <param name="count">At most so many.</param>
    /// <param name="cancellation">Ends it between two statements.</param>
    public async Task<List<AuditRecord>> FindAsync(AuditFilter filter, long? before, int count, CancellationToken cancellation)
    {
        var rows = new List<AuditRecord>();
        for (long? end = before ?? long.MaxValue; end is { } upTo && rows.Count < count;)
        {
            end = await ReadAsync(async database =>
            {
                var begin = await database.Audit.Where(row => row.Id < upTo).OrderByDescending(row => row.Id).Select(row => (long?)row.Id).Skip(Step - 1).FirstOrDefaultAsync(cancellation);
                var (first, rest) = (begin ?? long.MinValue, count - rows.Count);
                rows.AddRange(await filter.Of(database, upTo).Where(row => row.Id >= first).Take(rest).ToListAsync(cancellation));
                return begin;
            }, cancellation);
        }

        return rows;
    }

    public void Dispose() => _turn.Dispose();

    private async Task<T> ReadAsync<T>(Func<EdgeDbContext, Task<T>> read, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            await using var database = await contexts.CreateDbContextAsync(cancellation);
            return await read(database);
        }
        finally
        {
            _turn.Release();
        }
    }
}
