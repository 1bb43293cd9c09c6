using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory;

/// <summary>Pauses of namespaces whose entries cannot be embedded. Each generation of vectors has its own.</summary>
internal sealed partial class MemoryMaintenance
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan PauseBetweenPaid = TimeSpan.FromHours(6);
    private static readonly TimeSpan PauseAfterRefusal = TimeSpan.FromHours(1);

    // False during the pause after a failure. The pause grows while a provider is down. After a paid response that cannot be used, a long pause
    // follows. Wake ends the pause.
    private bool IsDue(MemoryNamespaceRecord space, int generation) => !_failing.TryGetValue((space.Id, generation), out var failing) || failing.Until <= time.GetUtcNow();

    private bool HasDueWork(MemoryNamespaceRecord space) => (space.HasUnembedded && IsDue(space, space.Generation)) || (space.NextModel is not null && IsDue(space, space.NextGeneration));

    private void NoteFault(MemoryNamespaceRecord space, int generation, EmbeddingResult error)
    {
        var pause = _failing.TryGetValue((space.Id, generation), out var failing) ? failing.Pause * 2 : Interval;
        pause = error.IsPaid ? PauseBetweenPaid : pause < LongestPause ? pause : LongestPause;
        _failing[(space.Id, generation)] = (pause, time.GetUtcNow() + pause);
    }

    // Texts that the provider refuses are not sent again at once.
    private void PauseAfterRefusals(MemoryNamespaceRecord space, int generation) => _failing[(space.Id, generation)] = (LongestPause, time.GetUtcNow() + PauseAfterRefusal);

    private void Forget(Func<string, bool> isOf)
    {
        foreach (var key in _failing.Keys.Concat(_passes.Keys).Where(key => isOf(key.Id)).ToList())
        {
            _failing.TryRemove(key, out _);
            _passes.TryRemove(key, out _);
        }

        foreach (var id in _turns.Keys.Where(isOf).ToList())
        {
            _turns.TryRemove(id, out _);
        }
    }
}
