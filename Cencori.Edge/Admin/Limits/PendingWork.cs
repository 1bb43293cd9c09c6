using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Owners;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Limits;

/// <summary>Lists a project's unfinished background work at providers, whose cost is known only at its end: background responses, batches and jobs.</summary>
internal sealed class PendingWork(IDbContextFactory<EdgeDbContext> contexts, OwnedObjects objects)
{
    private const int Max = 500;

    /// <returns>The unfinished work, oldest first, at most 500 items.</returns>
    public async Task<List<PendingWorkView>> ListAsync(string projectId, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await ProjectEditor.CheckIsThereAsync(database, projectId);
        var open = await objects.ListOpenAsync(projectId, Max, cancellation);
        return open.ConvertAll(PendingWorkView.Of);
    }
}

/// <param name="Id">The provider's id of the work.</param>
/// <param name="Provider">Id of the provider.</param>
/// <param name="Model">Requested model. Null: the request named no model.</param>
/// <param name="KeyId">Id of the key whose budget pays for the work.</param>
/// <param name="Environment">Environment of the key.</param>
/// <param name="RequestId">Id of the request that started the work.</param>
/// <param name="CreatedAt">Start time.</param>
/// <param name="InputTokens">Reserved input tokens.</param>
/// <param name="OutputTokens">Reserved output tokens.</param>
/// <param name="SetAsideUsd">Reserved cost in US dollars, which counts until the work ends. Null: the model has no price.</param>
public sealed record PendingWorkView(
    string Id, string Provider, string? Model, string KeyId, KeyEnvironment Environment, string RequestId, DateTimeOffset CreatedAt, long InputTokens, long OutputTokens, decimal? SetAsideUsd)
{
    public static PendingWorkView Of(OwnedObjectRecord row) => new(
        row.ObjectId, row.Provider, row.Model, row.KeyId, row.Environment, row.RequestId, row.CreatedAt, row.InputTokens, row.OutputTokens,
        row.Picodollars is { } picodollars ? Picodollars.ToUsd(picodollars) : null);
}
