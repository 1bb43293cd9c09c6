using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Audit;

/// <summary>
/// Notes who did what to what is administered. What changes something is noted in the very transaction that changes it. Where the log does
/// not end as it should, the next row says so for good, and what is administered can be changed all the same.
/// </summary>
public sealed class AuditTrail
{
    /// <summary>The action of a row that stands where the log did not end as it should.</summary>
    public const string Broken = "audit.broken";

    private readonly AuditChain _chain;
    private readonly TimeProvider _time;

    public AuditTrail(SecretSealer sealer, TimeProvider time) => (_chain, _time) = (new(sealer), time);

    internal AuditChain Chain => _chain;

    /// <summary>Adds what <paramref name="database"/> is about to save, and saves nothing itself.</summary>
    internal Task NoteChangesAsync(EdgeDbContext database, AuditActor actor) => NoteAsync(database, actor, TrackedChanges.In(database));

    /// <summary>Likewise, something else.</summary>
    internal async Task NoteAsync(EdgeDbContext database, AuditActor actor, List<AuditEntry> entries)
    {
        if (entries.Count == 0)
        {
            return;
        }

        var head = await AuditCheckpoint.LockAsync(database, AuditCheckpoint.Head, CancellationToken.None);
        var last = await database.Audit.AsNoTracking().OrderByDescending(row => row.Id).FirstOrDefaultAsync();
        var end = AuditCheckpoint.Read(head, _chain, out var isTrue) ?? AuditCheckpoint.None;
        if (!isTrue || end.Id != (last?.Id ?? end.Id) || (last is not null && !end.Mac.AsSpan().SequenceEqual(last.Mac)))
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

        // As it is stored, so that what is read back has the same hash.
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
