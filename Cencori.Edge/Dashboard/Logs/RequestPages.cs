using Cencori.Edge.Admin;
using Cencori.Edge.Dashboard.Layout;

namespace Cencori.Edge.Dashboard.Logs;

/// <summary>One request and its payload.</summary>
internal static class RequestPages
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/logs/{**requestId}", (PageRequest page, RequestFinder finder) => ShowAsync(page, finder, RequestPath.Read(page.Context)));
        pages.MapPost("/p/{slug}/logs/{**requestId}", ShowPayloadAsync).WithMetadata(PageAccess.Members);
    }

    /// <summary>The page of a request by its id; the list when the search stopped before it was complete.</summary>
    /// <exception cref="RefusedException">No record of it is kept.</exception>
    public static async Task<IResult> ShowAsync(PageRequest page, RequestFinder finder, string requestId) =>
        await finder.FindAsync(page, requestId, payload: null) is { } model ? Show(page, model) : SearchOn(page, requestId);

    // A POST: a browser must not open a payload by itself, such as by prefetching a link.
    private static async Task<IResult> ShowPayloadAsync(PageRequest page, RequestFinder finder, RequestPayloads payloads)
    {
        var (form, requestId) = (await page.FormAsync(), RequestPath.Read(page.Context));
        return await finder.FindAsync(page, requestId, record => payloads.ReadAsync(page.Actor, record, page.Aborted)) is { } model
            ? Show(page, model with { IsPretty = form["view"] == "formatted" })
            : SearchOn(page, requestId);
    }

    private static IResult SearchOn(PageRequest page, string requestId) => PageRequest.RedirectTo(new LogAddress(page.Project.Path + "/logs", new()).With("q", requestId).ToString());

    private static IResult Show(PageRequest page, RequestModel model) => Page.Show<RequestPage, RequestModel>(page.Frame(RequestText.Title(model.Record), Section.Logs), model);
}
