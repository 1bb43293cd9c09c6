using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Audit;

/// <summary>
/// Reads many rows of the audit log. A statement examines at most <see cref="Step"/> rows, and an edge runs one statement at a time, so that
/// exports and checks do not slow requests.
/// </summary>
internal sealed class AuditRows(IDbContextFactory<EdgeDbContext> contexts) : IDisposable
{
    /// <summary>Maximum number of rows that one statement examines.</summary>
    public const int Step = 5_000;

    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Reads the next rows after <paramref name="id"/>, oldest first.</summary>
    public Task<List<AuditRecord>> AfterAsync(long id, int count, CancellationToken cancellation) => ReadAsync(
        database => database.Audit.AsNoTracking().Where(row => row.Id > id).OrderBy(row => row.Id).Take(count).ToListAsync(cancellation), cancellation);

    /// <summary>Reads rows that match a filter, newest first.</summary>
    /// <param name="filter">The filter. Its limit is ignored.</param>
    /// <param name="before">Only rows with a smaller id. Null: all rows, from the newest one.</param>
    /// <param name="count">Maximum number of rows to return.</param>
    /// <param name="cancellation">Cancels the read between two statements.</param>
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
