using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Logs;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Logs.Requests;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Dashboard.Logs;

/// <summary>The pages for the list of requests, its live updates, and its export.</summary>
internal static class LogPages
{
    // When no request matches: maximum number of filters for which the page checks whether removing that filter gives results.
    private const int MaxTried = 4;

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/logs", ListAsync).WithMetadata(new PageCompression());
        pages.MapGet("/p/{slug}/logs-follow", FollowAsync);
        pages.MapGet("/p/{slug}/logs-export", ExportAsync).WithMetadata(PageAccess.Members, new LongResponseMetadata());
    }

    private static async Task<IResult> ListAsync(PageRequest page, LogReader logs, RequestFinder finder, ApiKeyEditor keys, ProviderCatalog catalog, TimeProvider time)
    {
        var (project, now) = (page.Project.Id, time.GetUtcNow());
        var search = LogSearch.Read(page, now);
        LogMissing? missing = null;
        if (page.Context.Request.Query["q"].ToString().Trim() is { Length: > 0 } id)
        {
            if (RequestPath.Of(page.Project.Path, id) is null && page.Context.Request.Query.ContainsKey("at"))
            {
                // An id such as ".." cannot be part of a path. Such a request has a link with the parameters "q" (the id) and "at" (the row's position).
                return await RequestPages.ShowAsync(page, finder, id);
            }

            LogCursor? older = LogCursor.TryParse(page.Context.Request.Query["older"].ToString(), out var begin) ? begin : null;
            var found = await logs.FindAsync(project, id, older, page.Aborted);
            if (found.Record is not null)
            {
                return RequestPath.Of(page.Project.Path, id) is { } path
                    ? PageRequest.RedirectTo(search.Address.At(path).With("older", older?.ToString()).ToString())
                    : await RequestPages.ShowAsync(page, finder, id);
            }

            missing = new(id, found.SearchedBackTo, found.Older);
        }

        // Reads the position where live updates begin before it reads the rows, so that live updates miss no row that arrives between the two reads.
        var follows = page.Context.Request.Query["follow"] == "true" && search.Filter.To is null;
        var after = follows ? (await logs.FollowAsync(project, search.Filter, after: null, page.Aborted)).After : null;
        var rows = await logs.ReadAsync(project, search.Filter, search.Place, limit: 50, LogBudget.Page, page.Aborted);
        var (bars, count) = await SumsAsync(page, logs, search, now);
        var model = new LogsModel
        {
            Search = search,
            Page = rows,
            Bars = bars,
            Count = count,
            Keys = new(await keys.ListAsync(project)),
            Providers = [.. catalog.All.Select(provider => provider.Id).Order(StringComparer.Ordinal)],
            Missing = missing,
            Follows = follows,
            After = after,
        };
        if (rows is { Rows.Count: 0, SearchedBackTo: null } && search.Place.Cursor is null)
        {
            model = await ExplainAsync(model, logs, page, now);
        }

        return Page.Show<LogsPage, LogsModel>(page.Frame("Logs", Section.Logs), model);
    }

    // Returns null for what could not be read because the database is busy: the page can show rows without sums.
    private static async Task<(IReadOnlyList<LogBar>? Bars, LogCount? Count)> SumsAsync(PageRequest page, LogReader logs, LogSearch search, DateTimeOffset now)
    {
        try
        {
            return await logs.BarsAsync(page.Project.Id, search.Filter, search.Step(now), page.Aborted) is { } bars
                ? (bars, new LogCount(bars.Sum(bar => bar.Requests), IsMore: false))
                : (null, await logs.CountAsync(page.Project.Id, search.Filter, page.Aborted));
        }
        catch (DatabaseBusyException)
        {
            return (null, null);
        }
    }

    private static async Task<IResult> FollowAsync(PageRequest page, LogReader logs, ApiKeyEditor keys, TimeProvider time)
    {
        var search = LogSearch.Read(page, time.GetUtcNow());
        var arrivals = await logs.FollowAsync(page.Project.Id, search.Filter with { From = null, To = null }, page.Context.Request.Query["after"], page.Aborted);
        var names = new KeyNames(arrivals.Rows.Count == 0 ? [] : await keys.ListAsync(page.Project.Id));
        return Page.Show<FollowPage, FollowModel>(page.Frame("Logs", Section.Logs), new(arrivals, names, search.Address));
    }

    private static async Task<IResult> ExportAsync(PageRequest page, LogExport export, TimeProvider time)
    {
        var search = LogSearch.Read(page, time.GetUtcNow());
        return await export.BeginAsync(page, search.Filter with { To = search.Filter.To ?? time.GetUtcNow() }, isCsv: page.Context.Request.Query["format"] != "json");
    }

    private static async Task<LogsModel> ExplainAsync(LogsModel model, LogReader logs, PageRequest page, DateTimeOffset now)
    {
        var excluding = new List<KeyValuePair<string, string>>();
        try
        {
            foreach (var chip in model.Search.Chips.Take(MaxTried))
            {
                if (await AnyAsync(model.Search.Without(chip, now).Filter))
                {
                    excluding.Add(chip);
                }
            }

            return model with { Excluding = excluding, HasOlder = await AnyAsync(model.Search.Filter with { From = null, To = model.Search.Filter.From }) };
        }
        catch (DatabaseBusyException)
        {
            // The database is busy. The page still says that no request was found; only its hint about the filters is missing or incomplete.
            return model with { Excluding = excluding, IsUnexplained = true };
        }

        async Task<bool> AnyAsync(LogFilter filter) => (await logs.ReadAsync(page.Project.Id, filter, default, limit: 1, LogBudget.Page, page.Aborted)).Rows.Count > 0;
    }
}
