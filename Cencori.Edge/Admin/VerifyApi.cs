using Cencori.Edge.Errors;
using Cencori.Edge.Pricing;
using Cencori.Edge.Records;
using Cencori.Edge.Storage;
using Cencori.Edge.Verification;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Admin;

/// <summary>Whether everything that counts a project's money in a month has come to the same.</summary>
public static class VerifyApi
{
    public static void Map(RouteGroupBuilder projects) => projects.MapGet("/{projectId}/verify", VerifyAsync);

    private static async Task VerifyAsync(
        HttpContext context, string projectId, IDbContextFactory<EdgeDbContext> contexts, LedgerCheck check, IOptions<UsageOptions> options, TimeProvider time, string? month = null)
    {
        var now = time.GetUtcNow();
        var present = BillingMonth.Of(now);
        if ((month is null ? present : BillingMonth.Find(month)) is not { } wanted || wanted.Start > now)
        {
            await context.Refuse(EdgeError.Invalid($"The month is one that has begun, such as {present}.", "month"));
            return;
        }

        if (wanted.Start < now.AddMonths(-options.Value.RollupRetentionMonths))
        {
            await context.Refuse(EdgeError.Invalid($"Not all of {wanted} is kept any more ({UsageOptions.Section}:{nameof(UsageOptions.RollupRetentionMonths)}).", "month"));
            return;
        }

        await using var database = await contexts.CreateDbContextAsync(context.RequestAborted);
        if (await ProjectsApi.FindAsync(context, database, projectId) is not null)
        {
            await context.AnswerAsync(StatusCodes.Status200OK, await check.RunAsync(projectId, wanted, context.RequestAborted));
        }
    }
}
