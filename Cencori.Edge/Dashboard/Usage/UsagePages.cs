using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Agents;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Dashboard.Charts;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Logs;
using Cencori.Edge.Errors;
using Cencori.Edge.Metrics;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Usage;

/// <summary>The page of a project's usage over time, by group.</summary>
internal static class UsagePages
{
    public static void Map(RouteGroupBuilder pages) => pages.MapGet("/p/{slug}/usage", ShowAsync).WithMetadata(new PageCompression());

    private static async Task<IResult> ShowAsync(
        PageRequest page, UsageReader usage, ApiKeyEditor keys, AgentEditor agents, ProviderCatalog providers, Changes changes, TimeProvider time)
    {
        var query = page.Context.Request.Query;
        var now = time.GetUtcNow();
        var view = UsageView.Read(query, now);
        var result = await usage.ReadAsync(view.ToQuery(page.Project.Id), page.Aborted);
        var names = await UsageNames.ReadAsync(page.Project.Id, keys, agents);
        switch (query["format"].ToString())
        {
            case "json":
                var shown = ChartAxis.Of(result, page.Frame("Usage", Section.Usage).Viewer);
                return ChartJson.Respond(UsageCharts.Of(result, names), shown, result.AsOf);
            case "csv":
                return await ExportAsync(page, result, names, changes);
            default:
                var before = result.Total.Sums.Requests == 0 ? null : await PreviousUsage.ReadAsync(usage, result, view.Period, now, page.Aborted);
                return Show(page, view, result, before, names, providers);
        }
    }

    private static async Task<IResult> ExportAsync(PageRequest page, UsageResult result, UsageNames names, Changes changes)
    {
        if (!page.User.May(UserRole.Member))
        {
            throw new RefusedException(EdgeError.Forbidden("Only members can export. Ask an owner.", "role"));
        }

        await changes.NoteAsync(page.Actor, new("usage.exported", page.Project.Id, page.Project.Id));
        page.Context.Response.Headers.ContentDisposition = $"attachment; filename=\"usage-{result.AsOf.UtcDateTime:yyyy-MM-dd-HHmm}.csv\"";
        return Results.Text(UsageCsv.Write(result, names), "text/csv; charset=utf-8");
    }

    private static IResult Show(PageRequest page, UsageView view, UsageResult result, PreviousUsage? before, UsageNames names, ProviderCatalog providers)
    {
        var frame = page.Frame("Usage", Section.Usage);
        var path = page.Project.Path + "/usage";
        return Page.Show<UsagePage, UsageModel>(frame, new()
        {
            View = view,
            Result = result,
            Before = before,
            Axis = ChartAxis.Of(result, frame.Viewer),
            Charts = UsageCharts.Of(result, names),
            Names = names,
            Rows = [.. result.Groups.Select(series => Row(page.Project, view, names, series))],
            Providers = [.. providers.All.Select(provider => provider.Id).Order(StringComparer.Ordinal)],
            LogsPath = LogsPath(page.Project, LogsQuery(view)),
            ErrorsPath = LogsPath(page.Project, ErrorsOf(LogsQuery(view))),
            Path = path,
            CsvPath = page.User.May(UserRole.Member) ? path + view.Query.Set("format", "csv") : null,
        });
    }

    private static UsageRow Row(PageProject project, UsageView view, UsageNames names, UsageSeries series)
    {
        var word = UsageView.Groups.First(group => group.Group == view.Group).Word;
        var isOne = series is { Kind: UsageSeriesKind.Named, Name: not ("" or RollupKey.OtherModels) };
        var filter = word == "environment" ? "env" : word;
        return new(
            names.Of(view.Group, series),
            series.Sums,
            isOne ? LogsPath(project, LogsQuery(view, filter, series.Name)) : null,
            isOne ? LogsPath(project, ErrorsOf(LogsQuery(view, filter, series.Name))) : null,
            isOne ? $"{project.Path}/usage{view.Query.Set(filter, null).Add(filter, series.Name)}" : null);
    }

    // The query for the log with the same filters. Usage counts the model that served a request, so the filter "model" becomes the log's filter "served".
    private static PageQuery LogsQuery(UsageView view, string? filter = null, string? value = null)
    {
        var query = filter is null ? view.Query : view.Query.Set(filter, null).Add(filter, value!);
        return new(query.Set("group", null).Values.Select(pair => pair.Key == "model" ? new("served", pair.Value) : pair));
    }

    private static PageQuery ErrorsOf(PageQuery query) => query.AddAll(LogResults.Name, LogResults.Errors);

    private static string LogsPath(PageProject project, PageQuery query) => $"{project.Path}/logs{query}";
}
