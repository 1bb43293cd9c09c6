using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Admin.Logs;
using Cencori.Edge.Errors;
using Cencori.Edge.Projects;
using Cencori.Edge.Records.Payloads;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Storage.Systems;

namespace Cencori.Edge.Dashboard.Logs.Requests;

/// <summary>Finds a request for its page, and the previous and next one in the list that it was opened from.</summary>
internal sealed class RequestFinder(LogReader logs, ApiKeyEditor keys, ProjectCache projects, RequestPayloads payloads, PublicAddress address, TimeProvider time)
{
    /// <param name="page">The page request. Its query contains the list's filters and the row's position.</param>
    /// <param name="requestId">The request's id. When several requests have this id: the request at the row's position, otherwise the newest one.</param>
    /// <param name="payload">Reads the payload; null: the payload is not needed.</param>
    /// <returns>Null: the search stopped early, and the request may be older. The page of the list shows how far the search went and can continue it.</returns>
    /// <exception cref="RefusedException">There is no record of the request.</exception>
    public async Task<RequestModel?> FindAsync(PageRequest page, string requestId, Func<RequestRecord, Task<Payload>>? payload)
    {
        var search = LogSearch.Read(page, time.GetUtcNow());
        var row = LogCursor.TryParse(page.Context.Request.Query["at"].ToString(), out var place) ? await AtAsync(page, requestId, place) : null;
        LogCursor? older = LogCursor.TryParse(page.Context.Request.Query["older"].ToString(), out var begin) ? begin : null;
        if ((row?.Record ?? await SearchAsync(page, requestId, older)) is not { } record)
        {
            return null;
        }

        var project = await projects.GetAsync(page.Project.Id);
        var names = new KeyNames(await keys.ListAsync(page.Project.Id));
        var said = payload is null ? null : await payload(record);
        var self = search.Address.Of(page.Project.Path, record.RequestId).With("at", row is null ? null : place.ToString()).With("older", row is null ? older?.ToString() : null);
        var (before, newer) = row is null ? default : await BesideAsync(page, search, place);
        return new RequestModel
        {
            Record = record,
            KeyName = names.Of(record.KeyId),
            HasKey = names.Has(record.KeyId),
            HasAgent = record.AgentId is { } agent && project?.Agents.ContainsKey(agent) == true,
            HasRoute = record.Route is { } route && project?.Routes.ContainsKey(route) == true,
            List = search.Address,
            Self = self,
            RelatedRequest = (ShadowIds.OriginalOf(record) ?? (await logs.ShadowOfAsync(record, page.Aborted))?.RequestId) is { } twin ? search.Address.Of(page.Project.Path, twin) : null,
            Older = before,
            Newer = newer,
            State = await payloads.FindAsync(record, page.Aborted),
            Payload = said,
            Curl = RequestCurl.Of(record, said, address.Of(page.Context.Request)),
        };
    }

    private async Task<RequestRecord?> SearchAsync(PageRequest page, string requestId, LogCursor? older)
    {
        var found = await logs.FindAsync(page.Project.Id, requestId, older, page.Aborted);
        return found.Record is null && found.Older is null ? throw new RefusedException(new EdgeError(ErrorKind.NotFound, "No record of this request is stored in this project.")) : found.Record;
    }

    private async Task<StoredRecord?> AtAsync(PageRequest page, string requestId, LogCursor place)
    {
        var then = new LogFilter { From = place.At, To = place.At.AddMilliseconds(1) };
        var read = await logs.ReadAsync(page.Project.Id, then, new(place with { Id = long.MaxValue == place.Id ? place.Id : place.Id + 1 }, IsNewer: false), limit: 1, LogBudget.Page, page.Aborted);
        return read.Rows is [var row] && row.Id == place.Id && row.Record.RequestId == requestId ? row : null;
    }

    // The previous and next request. Nulls when the database is busy: the page can show the request without them.
    private async Task<(LogAddress? Older, LogAddress? Newer)> BesideAsync(PageRequest page, LogSearch search, LogCursor place)
    {
        LogAddress? older = null;
        try
        {
            older = await BesideAsync(page, search, place, isNewer: false);
            return (older, await BesideAsync(page, search, place, isNewer: true));
        }
        catch (DatabaseBusyException)
        {
            return (older, null);
        }
    }

    private async Task<LogAddress?> BesideAsync(PageRequest page, LogSearch search, LogCursor place, bool isNewer)
    {
        var read = await logs.ReadAsync(page.Project.Id, search.Filter, new(place, isNewer), limit: 1, LogBudget.Page, page.Aborted);
        return read.Rows is [var row] ? search.Address.Of(page.Project.Path, row.Record.RequestId).With("at", new LogCursor(row.Record.StartedAt, row.Id).ToString()) : null;
    }
}
