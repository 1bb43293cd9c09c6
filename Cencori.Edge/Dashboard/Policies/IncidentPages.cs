using Cencori.Edge.Admin.Logs;
using Cencori.Edge.Admin.Policies;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Logs;

namespace Cencori.Edge.Dashboard.Policies;

/// <summary>The page that lists requests with findings of policy rules, and totals per rule. It shows no payloads.</summary>
internal static class IncidentPages
{
    public static void Map(RouteGroupBuilder pages) => pages.MapGet("/p/{slug}/policies/incidents", ListAsync).WithMetadata(new PageCompression());

    private static async Task<IResult> ListAsync(PageRequest page, LogReader logs, PolicyEditor policies, PolicyReports reports, TimeProvider time)
    {
        var search = LogSearch.Read(page, time.GetUtcNow());
        var filter = search.Filter.Rules.Count > 0 ? search.Filter : search.Filter with { Rules = [LogFilter.AnyRule] };
        var rows = await logs.ReadAsync(page.Project.Id, filter, search.Place, limit: 50, LogBudget.Page, page.Aborted);
        var report = await PolicyPages.ReportAsync(page, reports, search.Period.From, search.Period.EndsNow ? null : search.Period.To);
        var names = (await policies.GetAsync(page.Project.Id)).Value.Rules.ToDictionary(rule => rule.Id ?? "", rule => rule.Name, StringComparer.Ordinal);
        return Page.Show<IncidentsPage, IncidentsModel>(page.Frame("Incidents", Section.Policies), new(search, rows, report, names));
    }
}
