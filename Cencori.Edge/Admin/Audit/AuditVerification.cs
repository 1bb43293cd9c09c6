using System.Security.Cryptography;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Secrets;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Audit;

/// <summary>Checks the chain of MACs of the audit log, and holds the result.</summary>
/// <param name="Valid">True: no row was changed or removed.</param>
/// <param name="Entries">Number of rows that were checked.</param>
/// <param name="FirstId">Id of the oldest row. Null: no row was found intact.</param>
/// <param name="LastId">Id of the last row before the problem, or of the newest row. Null: no row was found intact.</param>
/// <param name="BrokenAt">Id of the row with the first problem. Null: there is no problem, or the stored start or end of the log is not valid.</param>
/// <param name="Problem">Description of the problem. Null: there is no problem.</param>
public sealed record AuditVerification(bool Valid, long Entries, long? FirstId, long? LastId, long? BrokenAt, string? Problem)
{
    private const int BatchSize = 500;

    // Maximum number of checks. A check is repeated if AuditRetention deleted rows meanwhile.
    private const int Tries = 5;

    internal static async Task<AuditVerification> RunAsync(EdgeDbContext database, AuditRows rows, AuditChain chain, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var anchor = await ReadAsync(database, AuditCheckpoint.Anchor, cancellation);
            var found = await CheckAsync(database, rows, chain, anchor, cancellation);
            if (found.Valid || attempt == Tries || await ReadAsync(database, AuditCheckpoint.Anchor, cancellation) is var now && now?.Value == anchor?.Value)
            {
                return found;
            }
        }
    }

    private static Task<SettingRecord?> ReadAsync(EdgeDbContext database, string name, CancellationToken cancellation) =>
        database.Settings.AsNoTracking().SingleOrDefaultAsync(row => row.Name == name, cancellation);

    private static async Task<AuditVerification> CheckAsync(EdgeDbContext database, AuditRows all, AuditChain chain, SettingRecord? stored, CancellationToken cancellation)
    {
        // The stored end of the log is read before the rows, so rows that are added meanwhile cause no error.
        var head = AuditCheckpoint.Read(await ReadAsync(database, AuditCheckpoint.Head, cancellation), chain, out var isHeadAuthentic);
        var anchor = AuditCheckpoint.Read(stored, chain, out var isAnchorAuthentic) ?? AuditCheckpoint.None;
        if (!isHeadAuthentic || !isAnchorAuthentic)
        {
            return new(false, 0, null, null, null, $"The stored {(isHeadAuthentic ? "start" : "end")} of the log has no valid MAC: its master key is not configured, or somebody changed it without the master key.");
        }

        var (count, last) = (0L, anchor);
        while (true)
        {
            var rows = await all.AfterAsync(last.Id, BatchSize, cancellation);
            foreach (var row in rows)
            {
                if (Fault(row, last, chain) is { } fault)
                {
                    return BrokenAt(fault.At, fault.Text);
                }

                (count, last) = (count + 1, new(row.Id, row.Mac));
            }

            if (rows.Count < BatchSize)
            {
                return head is { } end && end.Id > last.Id ? BrokenAt(last.Id + 1, "The last rows of the log are missing.")
                    : count > 0 && head is null ? BrokenAt(last.Id, "The setting 'audit_head', which stores the id of the newest row, is missing or empty.")
                    : new(true, count, count == 0 ? null : anchor.Id + 1, count == 0 ? null : last.Id, null, null);
            }
        }

        AuditVerification BrokenAt(long at, string problem) => new(false, count, count == 0 ? null : anchor.Id + 1, count == 0 ? null : last.Id, at, problem);
    }

    private static (long At, string Text)? Fault(AuditRecord row, AuditCheckpoint before, AuditChain chain)
    {
        if (row.Id != before.Id + 1)
        {
            return (before.Id + 1, "The row is missing.");
        }

        if (row.Action == AuditTrail.Broken)
        {
            return (row.Id, "When this row was added, the last row did not match the stored end of the log: rows were removed, or the master key was changed.");
        }

        try
        {
            return CryptographicOperations.FixedTimeEquals(row.Mac, chain.MacOf(row, before.Mac)) ? null : (row.Id, "The row, or the row before it, was changed.");
        }
        catch (CryptographicException)
        {
            return (row.Id, $"The MAC of the row needs the master key '{row.SealKeyId}', which {MasterKey.Setting} does not contain.");
        }
    }
}
