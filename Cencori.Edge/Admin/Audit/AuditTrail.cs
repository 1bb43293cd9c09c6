using Cencori.Edge.Storage;

namespace Cencori.Edge.Admin.Audit;

/// <summary>Notes who did what to what is administered. What changes something is noted in the very transaction that changes it.</summary>
public sealed class AuditTrail
{
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

        var head = await AuditMark.LockAsync(database, AuditMark.Head, CancellationToken.None);
        var (id, mac) = AuditMark.Read(head, _chain, out _) ?? AuditMark.None;
        foreach (var entry in entries)
        {
            var row = RowOf(++id, actor, entry);
            mac = row.Mac = _chain.MacOf(row, mac);
            database.Audit.Add(row);
        }

        head.Value = new AuditMark(id, mac).Write(AuditMark.Head, _chain);
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
        Object = entry.Object,
        Before = entry.Before,
        After = entry.After,
        Result = entry.Result,
        SealKeyId = _chain.KeyId,
        Mac = [],
    };
}
