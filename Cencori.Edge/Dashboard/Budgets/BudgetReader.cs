using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Budgets;
using Cencori.Edge.Dashboard.Usage;
using Cencori.Edge.Metrics;
using Cencori.Edge.Pricing;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Dashboard.Budgets;

/// <summary>Reads the usage data that the budget page shows next to the budget.</summary>
internal sealed class BudgetReader(UsageReader usage, ProjectCache projects, BudgetLedger ledger, TimeProvider time)
{
    private const int MaxSpenders = 5;
    private const int MaxKeys = 500;
    private const int DaysBack = 7;

    // A day without requests counts if there was a request in this many days before today. Otherwise a forecast after a quiet start of the week would be too high.
    private const int DaysInUse = 31;

    /// <summary>Reservations of requests in flight, in US dollars. With Redis this includes all edges. Null: unknown.</summary>
    public async Task<decimal?> InFlightAsync(BudgetTarget target)
    {
        if ((await projects.GetAsync(target.ProjectId))?.Budgets.GetValueOrDefault(target.KeyId) is not { } budget)
        {
            return null;
        }

        var (edge, redis) = await ledger.ReadCountersAsync(target.ProjectId, BillingMonth.Of(time.GetUtcNow()), target.KeyId, budget.SetAt);
        return (redis ?? edge) is { } held ? Nanodollars.ToUsd(held.InFlight) : null;
    }

    /// <summary>Spend of each of the last whole days, at most seven, without the days before the first request. Null here and in the methods below: the database is busy.</summary>
    public async Task<IReadOnlyList<decimal>?> LastDaysAsync(BudgetTarget target, string? kind, CancellationToken cancellation)
    {
        var today = new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        var result = await ReadAsync(Narrow(new() { ProjectId = target.ProjectId, From = today.AddDays(-DaysInUse), To = today, Step = UsageStep.Day }, target, kind), cancellation);
        return result?.Total.Points.SkipWhile(sums => sums.Requests == 0).TakeLast(DaysBack).Select(sums => sums.CostUsd).ToList();
    }

    /// <summary>The keys or models with the most spend this month, most expensive first. If there are more of them, a last element sums up the rest.</summary>
    public async Task<IReadOnlyList<Spender>?> SpendersAsync(BudgetTarget target, string? kind, UsageGroup group, UsageNames names, string logsPath, CancellationToken cancellation)
    {
        if (await ReadAsync(Narrow(ThisMonth(target.ProjectId, group), target, kind), cancellation) is not { } result)
        {
            return null;
        }

        var all = result.Groups.Where(series => series.Sums.Picodollars > 0 || series.Sums.Unpriced > 0).OrderByDescending(series => series.Sums.Picodollars).ToList();
        var filter = group == UsageGroup.Key ? "key" : "served";
        var query = new PageQuery().Set("range", "month");
        query = kind is null ? query : query.Set(kind, target.Id);
        var shown = all.Take(MaxSpenders).Select(series => new Spender(
            names.Of(group, series), series.Sums.CostUsd, series.Sums.Unpriced, series.Name.Length == 0 ? null : $"{logsPath}{query.Add(filter, series.Name)}")).ToList();
        var rest = all.Skip(MaxSpenders).ToList();
        return rest.Count == 0 ? shown : [.. shown, new Spender("Other", rest.Sum(series => series.Sums.CostUsd), rest.Sum(series => series.Sums.Unpriced), null)];
    }

    /// <summary>The budgets of single keys and agents.</summary>
    public async Task<IReadOnlyList<OtherBudget>?> OthersAsync(string projectId, UsageNames names, CancellationToken cancellation)
    {
        var budgets = (await projects.GetAsync(projectId))?.Budgets.Where(budget => budget.Key != Budget.OfProject).ToList() ?? [];
        var others = new List<OtherBudget>();
        foreach (var isOfAgent in (bool[])[false, true])
        {
            var some = budgets.Where(budget => Budget.IsOfAgent(budget.Key) == isOfAgent && (isOfAgent ? names.Agents : names.Keys).ContainsKey(budget.Key)).ToList();
            if (some.Count == 0)
            {
                continue;
            }

            if (await ReadAsync(ThisMonth(projectId, isOfAgent ? UsageGroup.Agent : UsageGroup.Key), cancellation) is not { } result)
            {
                return null;
            }

            var spent = result.Groups
                .Where(series => series.Kind == UsageSeriesKind.Named).ToDictionary(series => series.Name, series => series.Sums.CostUsd, StringComparer.Ordinal);
            others.AddRange(some.Select(budget => new OtherBudget(
                isOfAgent ? "agent" : "key", budget.Key, (isOfAgent ? names.Agents : names.Keys)[budget.Key], budget.Value.MonthlyUsd, spent.GetValueOrDefault(budget.Key), budget.Value.IsEnforced)));
        }

        return [.. others.OrderByDescending(other => other.SpentUsd / other.MonthlyUsd)];
    }

    // Returns null when the database is busy: the page can show the budget without usage.
    private async Task<UsageResult?> ReadAsync(UsageQuery question, CancellationToken cancellation)
    {
        try
        {
            return await usage.ReadAsync(question, cancellation);
        }
        catch (DatabaseBusyException)
        {
            return null;
        }
    }

    private UsageQuery ThisMonth(string projectId, UsageGroup group)
    {
        var now = time.GetUtcNow();
        return new() { ProjectId = projectId, From = BillingMonth.Of(now).Start, To = now, Step = UsageStep.Day, Group = group, Top = MaxKeys };
    }

    private static UsageQuery Narrow(UsageQuery question, BudgetTarget target, string? kind) => kind switch
    {
        "key" => question with { Keys = [target.Id!] },
        "agent" => question with { Agents = [target.Id!] },
        _ => question,
    };
}
