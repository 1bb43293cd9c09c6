using Cencori.Edge.Admin;
using Cencori.Edge.Dashboard.Layout;

namespace Cencori.Edge.Dashboard.Logs;

/// <summary>One request, and what was said in it.</summary>
internal static class RequestPages
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/logs/{**requestId}", (PageRequest page, RequestFinder finder) => ShowAsync(page, finder, RequestPath.Read(page.Context)));
        pages.MapPost("/p/{slug}/logs/{**requestId}", ShowPayloadAsync).WithMetadata(PageAccess.Members);
    }

    /// <summary>The page of a request by its id; the list, where the search for it has not come to its end.</summary>
    /// <exception cref="RefusedException">Nothing is kept of it.</exception>
    public static async Task<IResult> ShowAsync(PageRequest page, RequestFinder finder, string requestId) =>
        await finder.FindAsync(page, requestId, payload: null) is { } model ? Show(page, model) : SearchOn(page, requestId);

    // A form, so that nothing that a browser does by itself opens what was said.
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
