using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Limits;
using Cencori.Edge.Admin.Logs;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Admin.Providers;
using Cencori.Edge.Dashboard.Keys;
using Cencori.Edge.Dashboard.Logs;
using Cencori.Edge.Metrics;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Dashboard.Projects;

/// <summary>Reads the data of a project's overview page.</summary>
internal sealed class OverviewReader(
    UsageReader usage, LogReader logs, ProjectEditor projects, ApiKeyEditor keys, ProviderKeyEditor credentials, BudgetEditor budgets, PublicAddress address, TimeProvider time)
{
    private const int Models = 5;
    private const int MaxFailures = 5;

    // Maximum age of a project whose overview still shows the first steps after a first request.
    private static readonly TimeSpan FirstStepsPeriod = TimeSpan.FromDays(7);

    // A rotated key gets a warning if it expires within the next hour and was used in the last hour: the key is probably still needed.
    private static readonly TimeSpan OneHour = TimeSpan.FromHours(1);

    public async Task<OverviewModel> ReadAsync(PageRequest page)
    {
        var (project, now) = (page.Project.Id, time.GetUtcNow());
        var today = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        var all = (await keys.ListAsync(project)).ConvertAll(key => new KeyRow(key, now));
        var model = new OverviewModel
        {
            DayStart = today,
            Budget = (await budgets.GetAsync(BudgetTarget.OfProject(project), page.Aborted)).Value,
            Ending = all.FindAll(row => row.State == KeyState.Rotating && row.Key.ExpiresAt - now <= OneHour && now - row.Key.LastUsedAt <= OneHour),
            DueKeys = all.Count(row => row.IsDue),
            Keys = new(all.Select(row => row.Key)),
        };
        try
        {
            model = model with
            {
                Today = await usage.ReadAsync(QueryOf(page, today, now.AddMilliseconds(1)) with { Group = UsageGroup.Model, Top = Models }, page.Aborted),
                Yesterday = (await usage.ReadAsync(QueryOf(page, today.AddDays(-1), now.AddDays(-1).AddMilliseconds(1)), page.Aborted)).Total.Sums,
            };
            model = model with { Failures = await logs.ReadAsync(project, Failed(page, now), default, MaxFailures, LogBudget.Page, page.Aborted) };
        }
        catch (DatabaseBusyException)
        {
            // The database is busy. The page shows what was read before.
        }

        return model with { Start = await StartAsync(page, model, all, now) };
    }

    private static UsageQuery QueryOf(PageRequest page, DateTimeOffset from, DateTimeOffset to) =>
        new() { ProjectId = page.Project.Id, From = from, To = to, Environment = page.Environment };

    private static LogFilter Failed(PageRequest page, DateTimeOffset now) => new()
    {
        From = now - LogFilter.DefaultPeriod,
        Environment = page.Environment,
        Statuses = [.. LogResults.Failures.Select(LogStatus.Parse).OfType<LogStatus>()],
    };

    /// <returns>Null: the project has had a request, and either has finished the steps or is too old for them.</returns>
    private async Task<FirstSteps?> StartAsync(PageRequest page, OverviewModel model, List<KeyRow> all, DateTimeOffset now)
    {
        var project = (await projects.GetAsync(page.Project.Id)).Value;
        var stored = await credentials.ListAsync(page.Project.Id);
        var steps = new FirstSteps
        {
            HasCredential = stored.Count > 0,
            HasKey = all.Exists(row => row.Works),
            // A request with a key. The edge's own requests (provider tests, playground) have no key, so they do not count.
            HasRequest = all.Exists(row => row.Key.LastUsedAt is not null),
            HasBudget = model.Budget.MonthlyBudgetUsd is not null,
            BaseUrl = address.Of(page.Context.Request) + "/v1",
            Model = project.DefaultModel ?? SnippetBuilder.DefaultModel,
            IsRefused = model.Today?.Total.Sums is { Requests: > 0, Success: 0 },
        };
        return !steps.HasRequest || (now - project.CreatedAt < FirstStepsPeriod && !(steps.HasKey && steps.HasBudget)) ? steps : null;
    }
}

/// <summary>Everything that a project's overview page shows.</summary>
public sealed record OverviewModel
{
    /// <summary>Start of today, UTC.</summary>
    public required DateTimeOffset DayStart { get; init; }

    /// <summary>Today's usage by model; null: the database was busy.</summary>
    public UsageResult? Today { get; init; }

    /// <summary>Sums of yesterday up to the same time of day; null: the database was busy.</summary>
    public UsageSums? Yesterday { get; init; }

    /// <summary>The newest failed requests of the last 24 hours; null: the database was busy.</summary>
    public LogPage? Failures { get; init; }

    public required KeyNames Keys { get; init; }

    public required BudgetView Budget { get; init; }

    /// <summary>Rotated keys that expire within the next hour and were used in the last hour.</summary>
    public required IReadOnlyList<KeyRow> Ending { get; init; }

    /// <summary>Number of keys that are 90 days old or older.</summary>
    public required int DueKeys { get; init; }

    /// <summary>The first steps. Null: the project has had a request, and the steps are finished or the project is too old for them.</summary>
    public FirstSteps? Start { get; init; }
}

/// <summary>The first steps of a new project, each with whether it is done.</summary>
public sealed record FirstSteps
{
    public required bool HasCredential { get; init; }

    public required bool HasKey { get; init; }

    public required bool HasRequest { get; init; }

    public required bool HasBudget { get; init; }

    public required string BaseUrl { get; init; }

    public required string Model { get; init; }

    /// <summary>True: requests have arrived today, but none of them was successful.</summary>
    public required bool IsRefused { get; init; }
}
