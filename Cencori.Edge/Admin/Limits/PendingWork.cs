using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Owners;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin.Limits;

/// <summary>What a project's providers have begun and are paid for later: responses in the background, batches, jobs whose end nobody has seen.</summary>
internal sealed class PendingWork(IDbContextFactory<EdgeDbContext> contexts, OwnedObjects objects)
{
    private const int Most = 500;

    /// <returns>The oldest first, 500 at most.</returns>
    public async Task<List<PendingWorkView>> ListAsync(string projectId, CancellationToken cancellation)
    {
        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await ProjectEditor.CheckIsThereAsync(database, projectId);
        var open = await objects.ListOpenAsync(projectId, Most, cancellation);
        return open.ConvertAll(PendingWorkView.Of);
    }
}

/// <param name="Id">As the provider calls it.</param>
/// <param name="Provider">Who does it.</param>
/// <param name="Model">Null: the request named none.</param>
/// <param name="KeyId">Whose budget pays for it.</param>
/// <param name="Environment">Of that key.</param>
/// <param name="RequestId">What began it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="InputTokens">Set aside.</param>
/// <param name="OutputTokens">Set aside.</param>
/// <param name="SetAsideUsd">What counts until its end is seen; null: it has no price.</param>
public sealed record PendingWorkView(
    string Id, string Provider, string? Model, string KeyId, KeyEnvironment Environment, string RequestId, DateTimeOffset CreatedAt, long InputTokens, long OutputTokens, decimal? SetAsideUsd)
{
    public static PendingWorkView Of(OwnedObjectRecord row) => new(
        row.ObjectId, row.Provider, row.Model, row.KeyId, row.Environment, row.RequestId, row.CreatedAt, row.InputTokens, row.OutputTokens,
        row.Picodollars is { } picodollars ? Picodollars.ToUsd(picodollars) : null);
}
