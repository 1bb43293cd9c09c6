using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory;

/// <summary>
/// Embeds entries that have no vector in the current generation of vectors. After a change of the model, also embeds all entries for the next generation.
/// </summary>
internal sealed partial class MemoryMaintenance
{
    // Embeds the next entries of one namespace. True: more entries can be embedded without a pause.
    private async Task<bool> EmbedAsync(Work work, CancellationToken cancellation)
    {
        var space = work.Space;
        if (space.HasUnembedded && IsDue(space, space.Generation))
        {
            var progress = await EmbedAsync(work, space.Generation, space.EmbeddingModel, space.Dimensions, cancellation);
            if (progress is Progress.More or Progress.Lost)
            {
                return progress == Progress.More;
            }

            if (progress == Progress.Done && work.Refused.Count == 0)
            {
                await store.SettleAsync(space, cancellation);
            }
            else if (progress == Progress.Done)
            {
                PauseAfterRefusals(space, space.Generation);
            }
        }

        // The next model is also asked if the present one fails, because a failing model is the main reason to change it.
        if (space is not { NextModel: { } model, NextDimensions: { } dimensions } || !IsDue(space, space.NextGeneration))
        {
            return false;
        }

        work.Refused.Clear();
        var next = await EmbedAsync(work, space.NextGeneration, model, dimensions, cancellation);
        if (next != Progress.Done)
        {
            return next == Progress.More;
        }

        // The switch fails if entries stored meanwhile have no vector of the next generation.
        if (!await store.TrySwitchAsync(space, work.Refused, cancellation))
        {
            return true;
        }

        if (work.Refused.Count > 0)
        {
            PauseAfterRefusals(space, space.NextGeneration);
        }

        return false;
    }

    private async Task<Progress> EmbedAsync(Work work, int generation, string model, int dimensions, CancellationToken cancellation)
    {
        var space = work.Space;
        if (await projects.GetAsync(space.ProjectId) is not { } project)
        {
            return Progress.Lost;
        }

        var who = MemoryCaller.Of(project, space);
        var after = (string?)null;
        // After refused texts, the loop continues beyond the limit of a turn, because the next turn would begin with the same texts again.
        for (var batches = 0; batches < BatchesAtOnce || work.Refused.Count > 0; batches++)
        {
            var some = await store.WithoutVectorAsync(space, generation, after, AtOnce, cancellation);
            if (some.Count == 0)
            {
                return Progress.Done;
            }

            work.HasEmbedded = false;
            var (vectors, error) = await EmbedAsync(who, model, dimensions, some, work, cancellation);
            if (vectors.Count > 0 && !await store.AddVectorsAsync(space, generation, vectors, cancellation))
            {
                return Progress.Lost;
            }

            if (error is not null)
            {
                NoteFault(space, generation, error);
                await store.NoteFaultAsync(space, error.Error!.Message, cancellation);
                return Progress.Failed;
            }

            if (await store.LeaseAsync(space, work.Lease, cancellation) is not { } lease)
            {
                return Progress.Lost;
            }

            _failing.TryRemove((space.Id, generation), out _);
            (after, work.Lease) = (some[^1].Id, lease);
        }

        return Progress.More;
    }

    // Embeds a batch. A batch that the provider refuses is split in halves, so that one refused text does not prevent the vectors of the others.
    private async Task<(List<(string Id, float[] Vector)> Vectors, EmbeddingResult? Error)> EmbedAsync(
        MemoryCaller who, string model, int dimensions, List<(string Id, string Content)> some, Work work, CancellationToken cancellation)
    {
        var embedded = await embedder.EmbedAsync(who, model, dimensions, [.. some.Select(memory => memory.Content)], MemoryEmbedder.BackgroundTimeout, cancellation);
        if (embedded.Vectors is { } vectors)
        {
            work.HasEmbedded = true;
            return ([.. some.Zip(vectors).Where(pair => pair.Second is not null).Select(pair => (pair.First.Id, pair.Second!))], null);
        }

        if (!embedded.IsOfText)
        {
            return ([], embedded);
        }

        // Some providers also answer 400 to a wrong credential or setting. Such a provider refuses every text, also the one of the probe.
        if (!work.HasEmbedded && await embedder.ProbeAsync(who, model, dimensions, cancellation) is { Vectors: null } unfit)
        {
            return ([], unfit);
        }

        work.HasEmbedded = true;
        if (some.Count == 1)
        {
            work.Refused.Add(some[0].Id);
            await store.NoteFaultAsync(work.Space, embedded.Error!.Message, cancellation);
            return ([], null);
        }

        var half = some.Count / 2;
        var (first, error) = await EmbedAsync(who, model, dimensions, [.. some.Take(half)], work, cancellation);
        if (error is not null)
        {
            return (first, error);
        }

        var (second, other) = await EmbedAsync(who, model, dimensions, [.. some.Skip(half)], work, cancellation);
        return ([.. first, .. second], other);
    }

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

    private sealed record Work(MemoryNamespaceRecord Space)
    {
        public required DateTimeOffset Lease { get; set; }

        /// <summary>Ids of entries that the model cannot embed.</summary>
        public HashSet<string> Refused { get; } = new(StringComparer.Ordinal);

        /// <summary>True: the model has embedded a text since the batch began. So a refusal of another text is due to that text.</summary>
        public bool HasEmbedded { get; set; }
    }

    private enum Progress
    {
        Done,
        More,

        /// <summary>The model cannot embed now.</summary>
        Failed,

        /// <summary>The work is no longer wanted, or another edge does it.</summary>
        Lost,
    }
}
