using Cencori.Edge.Owners;
using Cencori.Edge.Storage;
using Microsoft.EntityFrameworkCore;

namespace Cencori.Edge.Admin;

/// <summary>What a project's providers have begun and are paid for later: responses in the background, batches, jobs whose end nobody has seen.</summary>
public static class OpenWorkApi
{
    private const int Most = 500;

    public static void Map(RouteGroupBuilder projects) => projects.MapGet("/{projectId}/open-work", ListAsync);

    private static async Task ListAsync(HttpContext context, string projectId, IDbContextFactory<EdgeDbContext> contexts, OwnedObjects objects)
    {
        await using var database = await contexts.CreateDbContextAsync(context.RequestAborted);
        if (await ProjectsApi.FindAsync(context, database, projectId) is not null)
        {
            var open = await objects.ListOpenAsync(projectId, Most, context.RequestAborted);
            await context.AnswerAsync(StatusCodes.Status200OK, new OpenWork(open.ConvertAll(OpenWorkView.Of)));
        }
    }

    /// <param name="Data">The oldest first, 500 at most.</param>
    private sealed record OpenWork(List<OpenWorkView> Data);

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
    private sealed record OpenWorkView(
        string Id, string Provider, string? Model, string KeyId, KeyEnvironment Environment, string RequestId, DateTimeOffset CreatedAt, long InputTokens, long OutputTokens, decimal? SetAsideUsd)
    {
        public static OpenWorkView Of(OwnedObjectRecord row) => new(
            row.ObjectId, row.Provider, row.Model, row.KeyId, row.Environment, row.RequestId, row.CreatedAt, row.InputTokens, row.OutputTokens,
            row.Picodollars is { } picodollars ? Picodollars.ToUsd(picodollars) : null);
    }
}
