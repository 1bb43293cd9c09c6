using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Secrets;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Audit;

/// <summary>
/// Adds entries to the audit log. An entry is written in the same transaction as its change. If the last row does not match the stored end of the log,
/// a row with the action <see cref="Broken"/> is added first, as a permanent record of the mismatch. Later changes still succeed.
/// </summary>
public sealed class AuditTrail
{
    /// <summary>Action of a row that records a mismatch between the last row and the stored end of the log.</summary>
    public const string Broken = "audit.broken";

    private readonly AuditChain _chain;
    private readonly TimeProvider _time;

    public AuditTrail(SecretSealer sealer, TimeProvider time) => (_chain, _time) = (new(sealer), time);

    internal AuditChain Chain => _chain;

    /// <summary>Adds entries for the unsaved changes in <paramref name="database"/>. The caller saves the entries with the changes.</summary>
    internal Task NoteChangesAsync(EdgeDbContext database, AuditActor actor) => NoteAsync(database, actor, TrackedChanges.In(database));

    /// <summary>Adds the given entries. The caller saves them.</summary>
    internal async Task NoteAsync(EdgeDbContext database, AuditActor actor, List<AuditEntry> entries)
    {
        if (entries.Count == 0)
        {
            return;
        }

        var head = await AuditCheckpoint.LockAsync(database, AuditCheckpoint.Head, CancellationToken.None);
        var last = await database.Audit.AsNoTracking().OrderByDescending(row => row.Id).FirstOrDefaultAsync();
        var end = AuditCheckpoint.Read(head, _chain, out var isAuthentic) ?? AuditCheckpoint.None;
        if (!isAuthentic || end.Id != (last?.Id ?? end.Id) || (last is not null && !end.Mac.AsSpan().SequenceEqual(last.Mac)))
        {
            end = new(Math.Max(end.Id, last?.Id ?? 0), last?.Mac ?? AuditChain.Beginning);
            entries = [new(Broken, null, "audit") { Result = AuditEntry.Refused }, .. entries];
        }

        var (id, mac) = end;
        foreach (var entry in entries)
        {
            var row = RowOf(++id, actor, entry);
            mac = row.Mac = _chain.MacOf(row, mac);
            database.Audit.Add(row);
        }

        head.Value = new AuditCheckpoint(id, mac).Write(AuditCheckpoint.Head, _chain);
    }

    private AuditRecord RowOf(long id, AuditActor actor, AuditEntry entry) => new()
    {
        Id = id,

        // The time has only milliseconds, like the database, so that the row has the same MAC when it is read back.
        At = DateTimeOffset.FromUnixTimeMilliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds()),
        Actor = actor.Name,
        Address = actor.Address,
        Action = entry.Action,
        ProjectId = entry.ProjectId,
        ObjectId = entry.ObjectId,
        Before = entry.Before,
        After = entry.After,
        Result = entry.Result,
        SealKeyId = _chain.KeyId,
        Mac = [],
    };
}
