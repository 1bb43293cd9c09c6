using System.Globalization;
using System.Runtime.CompilerServices;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Audit;

/// <summary>Reads the audit log.</summary>
internal sealed class AuditLog(IDbContextFactory<EdgeDbContext> contexts, AuditRows rows, AuditTrail trail, Changes changes)
{
    /// <summary>Reads one page, newest first.</summary>
    public async Task<AuditPage> ListAsync(AuditFilter filter, CancellationToken cancellation)
    {
        // Reads one row more than the page has, to see whether another page exists.
        var found = await rows.FindAsync(filter, filter.Cursor, filter.Limit + 1, cancellation);
        var page = found.GetRange(0, Math.Min(found.Count, filter.Limit));
        var next = found.Count > page.Count ? page[^1].Id.ToString(CultureInfo.InvariantCulture) : null;
        return new(page.ConvertAll(AuditView.Of), next);
    }

    /// <summary>Exports all rows that match the filter as CSV or JSON lines, in parts. First adds an audit entry about the export.</summary>
    public async IAsyncEnumerable<string> ExportAsync(AuditActor actor, AuditFilter filter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await changes.NoteAsync(actor, new("audit.exported", null, filter.Format));
        await foreach (var text in AuditExport.ReadAsync(filter, rows, cancellation))
        {
            yield return text;
        }
    }

    /// <summary>Verifies the hash chain.</summary>
    public async Task<AuditVerification> VerifyAsync(CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        return await AuditVerification.RunAsync(database, rows, trail.Chain, cancellation);
    }
}

/// <param name="Entries">Audit entries, newest first.</param>
/// <param name="NextCursor">Cursor of the next page. Null: this is the last page.</param>
public sealed record AuditPage(List<AuditView> Entries, string? NextCursor);
