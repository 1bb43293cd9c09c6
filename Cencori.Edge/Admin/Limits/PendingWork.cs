using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Owners;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Limits;

/// <summary>Lists work that providers have started and that is paid later: background responses, batches and jobs whose end is not yet known.</summary>
internal sealed class PendingWork(IDbContextFactory<EdgeDbContext> contexts, OwnedObjects objects)
{
    private const int Most = 500;

    /// <returns>Oldest first, at most 500.</returns>
    public async Task<List<PendingWorkView>> ListAsync(string projectId, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await ProjectEditor.CheckIsThereAsync(database, projectId);
        var open = await objects.ListOpenAsync(projectId, Most, cancellation);
        return open.ConvertAll(PendingWorkView.Of);
    }
}

/// <param name="Id">The provider's id.</param>
/// <param name="Provider">The provider.</param>
/// <param name="Model">Null: the request named no model.</param>
/// <param name="KeyId">Key whose budget pays.</param>
/// <param name="Environment">Environment of the key.</param>
/// <param name="RequestId">Request that started the work.</param>
/// <param name="CreatedAt">Start time.</param>
/// <param name="InputTokens">Reserved input tokens.</param>
/// <param name="OutputTokens">Reserved output tokens.</param>
/// <param name="SetAsideUsd">Reservation that counts until the end is known; null: no price.</param>
public sealed record PendingWorkView(
    string Id, string Provider, string? Model, string KeyId, KeyEnvironment Environment, string RequestId, DateTimeOffset CreatedAt, long InputTokens, long OutputTokens, decimal? SetAsideUsd)
{
    public static PendingWorkView Of(OwnedObjectRecord row) => new(
        row.ObjectId, row.Provider, row.Model, row.KeyId, row.Environment, row.RequestId, row.CreatedAt, row.InputTokens, row.OutputTokens,
        row.Picodollars is { } picodollars ? Picodollars.ToUsd(picodollars) : null);
}
