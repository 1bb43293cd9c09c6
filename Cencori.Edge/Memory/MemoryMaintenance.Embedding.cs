using Cencori.Edge.Errors;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Memory;

/// <summary>
/// Embeds entries that have no vector in the current generation of vectors. After a change of the model, also embeds all entries for the next generation.
/// </summary>
internal sealed partial class MemoryMaintenance
{
    private async Task EmbedAllAsync(CancellationToken cancellation)
    {
        if (await store.AnyAsync(cancellation))
        {
            while (await EmbedAsync(cancellation))
            {
                // Repeats while there is work.
            }
        }
    }

    // Embeds entries of all namespaces, one turn each. True: more entries can be embedded without a pause.
    private async Task<bool> EmbedAsync(CancellationToken cancellation)
    {
        var spaces = await store.ToEmbedAsync(cancellation);
        var ids = spaces.Select(space => space.Id).ToHashSet(StringComparer.Ordinal);
        Forget(id => !ids.Contains(id));
        var hasMore = false;
        var options = new ParallelOptions { MaxDegreeOfParallelism = ProjectsAtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(spaces.Where(HasDueWork).GroupBy(space => space.ProjectId, StringComparer.Ordinal), options, async (ofProject, token) =>
        {
            // The namespace whose last turn is the longest ago is first, so that each has its turn although the time of the project ends.
            var from = time.GetTimestamp();
            foreach (var space in ofProject.OrderBy(space => _turns.GetValueOrDefault(space.Id)))
            {
                if (time.GetElapsedTime(from) >= TurnTime)
                {
                    hasMore = true;
                    return;
                }

                _turns[space.Id] = time.GetTimestamp();
                await LeasedAsync(space, async (work, leased) =>
                {
                    if (await EmbedAsync(work, leased))
                    {
                        hasMore = true;
                    }
                }, token);
            }
        });

        return hasMore;
    }

    // Embeds the next entries of one namespace. True: more entries can be embedded without a pause.
    private async Task<bool> EmbedAsync(Work work, CancellationToken cancellation)
    {
        var space = work.Space;
        if (space.HasUnembedded && IsDue(space, space.Generation))
        {
            var (progress, refused) = await EmbedAsync(work, space.Generation, space.EmbeddingModel, space.Dimensions, cancellation);
            if (progress is Progress.More or Progress.Lost)
            {
                return progress == Progress.More;
            }

            if (progress == Progress.Done && refused.Count == 0)
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

        var (next, refusedByNext) = await EmbedAsync(work, space.NextGeneration, model, dimensions, cancellation);
        if (next != Progress.Done)
        {
            return next == Progress.More;
        }

        // The switch fails if entries stored meanwhile have no vector of the next generation.
        if (!await store.TrySwitchAsync(space, refusedByNext, cancellation))
        {
            _passes[(space.Id, space.NextGeneration)] = new Pass { Refused = refusedByNext };
            return true;
        }

        if (refusedByNext.Count > 0)
        {
            PauseAfterRefusals(space, space.NextGeneration);
        }

        return false;
    }

    // Continues the pass over the entries that have no vector of a generation. Refused: the entries that the model has refused in this pass.
    private async Task<(Progress Progress, HashSet<string> Refused)> EmbedAsync(Work work, int generation, string model, int dimensions, CancellationToken cancellation)
    {
        var pass = _passes.GetOrAdd((work.Space.Id, generation), _ => new Pass());
        var progress = await ContinueAsync(work, pass, generation, model, dimensions, cancellation);
        if (progress is Progress.Done or Progress.Lost)
        {
            _passes.TryRemove((work.Space.Id, generation), out _);
        }

        return (progress, pass.Refused);
    }

    private async Task<Progress> ContinueAsync(Work work, Pass pass, int generation, string model, int dimensions, CancellationToken cancellation)
    {
        var space = work.Space;
        if (await projects.GetAsync(space.ProjectId) is not { } project)
        {
            return Progress.Lost;
        }

        var who = MemoryCaller.Of(project, space);
        for (var batches = 0; batches < BatchesAtOnce && time.GetElapsedTime(work.Began) < TurnTime; batches++)
        {
            var some = await store.WithoutVectorAsync(space, generation, pass.After, pass.BatchSize, cancellation);
            if (some.Count == 0)
            {
                return Progress.Done;
            }

            // Texts that this pass knows as refused are not sent again after a failure in the middle of their batch.
            pass.HasEmbedded = false;
            var fresh = some.FindAll(memory => !pass.Refused.Contains(memory.Id));
            var (vectors, error) = fresh.Count == 0 ? ([], null) : await EmbedAsync(who, model, dimensions, fresh, space, pass, cancellation);
            if (vectors.Count > 0 && !await store.AddVectorsAsync(space, generation, vectors, cancellation))
            {
                return Progress.Lost;
            }

            if (error is not null)
            {
                // A slow model gets fewer texts at once, so that each request ends in time.
                pass.BatchSize = error.Error!.Kind == ErrorKind.ProviderTimeout ? Math.Max(1, pass.BatchSize / 2) : pass.BatchSize;
                NoteFault(space, generation, error);
                await store.NoteFaultAsync(space, error.Error.Message, cancellation);
                return Progress.Failed;
            }

            if (await store.LeaseAsync(space, work.Lease, cancellation) is not { } lease)
            {
                return Progress.Lost;
            }

            _failing.TryRemove((space.Id, generation), out _);
            (pass.After, pass.BatchSize, work.Lease) = (some[^1].Id, Math.Min(AtOnce, pass.BatchSize * 2), lease);
        }

        return Progress.More;
    }

    // Embeds a batch. A batch that the provider refuses is split in halves, so that one refused text does not prevent the vectors of the others.
    private async Task<(List<(string Id, float[] Vector)> Vectors, EmbeddingResult? Error)> EmbedAsync(
        MemoryCaller who, string model, int dimensions, List<(string Id, string Content)> some, MemoryNamespaceRecord space, Pass pass, CancellationToken cancellation)
    {
        var embedded = await embedder.EmbedAsync(who, model, dimensions, [.. some.Select(memory => memory.Content)], MemoryEmbedder.BackgroundTimeout, cancellation);
        if (embedded.Vectors is { } vectors)
        {
            pass.HasEmbedded = true;
            return ([.. some.Zip(vectors).Where(pair => pair.Second is not null).Select(pair => (pair.First.Id, pair.Second!))], null);
        }

        if (!embedded.IsOfText)
        {
            return ([], embedded);
        }

        // Some providers also answer 400 to a wrong credential or setting. Such a provider refuses every text, also the one of the probe.
        if (!pass.HasEmbedded && await embedder.ProbeAsync(who, model, dimensions, cancellation) is { Vectors: null } unfit)
        {
            return ([], unfit);
        }

        pass.HasEmbedded = true;
        if (some.Count == 1)
        {
            pass.Refused.Add(some[0].Id);
            await store.NoteFaultAsync(space, embedded.Error!.Message, cancellation);
            return ([], null);
        }

        var half = some.Count / 2;
        var (first, error) = await EmbedAsync(who, model, dimensions, [.. some.Take(half)], space, pass, cancellation);
        if (error is not null)
        {
            return (first, error);
        }

        var (second, other) = await EmbedAsync(who, model, dimensions, [.. some.Skip(half)], space, pass, cancellation);
        return ([.. first, .. second], other);
    }

    /// <summary>One turn of a namespace.</summary>
    private sealed record Work(MemoryNamespaceRecord Space, long Began)
    {
        public required DateTimeOffset Lease { get; set; }
    }

    /// <summary>A pass over the entries without a vector, which may take many turns.</summary>
    private sealed class Pass
    {
        /// <summary>Ids of entries that the model cannot embed. They are not sent again in this pass.</summary>
        public HashSet<string> Refused { get; init; } = new(StringComparer.Ordinal);

        /// <summary>Id of the last entry of the last batch. Null: no batch is complete.</summary>
        public string? After { get; set; }

        public int BatchSize { get; set; } = AtOnce;

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
