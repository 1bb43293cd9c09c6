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

    /// <summary>The page of a request by its id.</summary>
    /// <exception cref="RefusedException">Nothing is kept of it.</exception>
    public static async Task<IResult> ShowAsync(PageRequest page, RequestFinder finder, string requestId) =>
        Show(page, await finder.FindAsync(page, requestId, payload: null));

    // A form, so that nothing that a browser does by itself opens what was said.
    private static async Task<IResult> ShowPayloadAsync(PageRequest page, RequestFinder finder, RequestPayloads payloads)
    {
        var form = await page.FormAsync();
        var model = await finder.FindAsync(page, RequestPath.Read(page.Context), record => payloads.ReadAsync(page.Actor, record, page.Aborted));
        return Show(page, model with { IsPretty = form["view"] == "formatted" });
    }

    private static IResult Show(PageRequest page, RequestModel model) => Page.Show<RequestPage, RequestModel>(page.Frame(RequestWords.Title(model.Record), Section.Logs), model);
}
