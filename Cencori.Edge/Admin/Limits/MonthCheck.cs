using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Errors;
using Cencori.Edge.Pricing;
using Cencori.Edge.Records;
using Cencori.Edge.Storage;
using Cencori.Edge.Verification;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Admin.Limits;

/// <summary>Compares all stored totals of a project's cost in a month: they must agree with each other.</summary>
internal sealed class MonthCheck(IDbContextFactory<EdgeDbContext> contexts, LedgerCheck check, IOptions<UsageOptions> options, TimeProvider time)
{
    /// <param name="projectId">Project id.</param>
    /// <param name="month">The month, such as <c>2026-11</c>. Null: the current month.</param>
    /// <param name="cancellation">Cancels the check.</param>
    public async Task<LedgerSheet> RunAsync(string projectId, string? month, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var present = BillingMonth.Of(now);
        if ((month is null ? present : BillingMonth.Find(month)) is not { } requested || requested.Start > now)
        {
            throw new RefusedException(EdgeError.Invalid($"The month must be a month that has begun, such as {present}.", "month"));
        }

        if (requested.Start < now.AddMonths(-options.Value.RollupRetentionMonths))
        {
            throw new RefusedException(EdgeError.Invalid($"The month must be one whose data is still complete. Data older than {UsageOptions.Section}:{nameof(UsageOptions.RollupRetentionMonths)} is deleted.", "month"));
        }

        await using var database = await contexts.CreateDbContextAsync(cancellation);
        await ProjectEditor.CheckIsThereAsync(database, projectId);
        return await check.RunAsync(projectId, requested, cancellation);
    }
}
