using Cencori.Edge.Admin;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Errors;

namespace Cencori.Edge.Dashboard.Logs.Requests;

/// <summary>The page of one request, and of its payload.</summary>
internal static class RequestPages
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/logs/{**requestId}", (PageRequest page, RequestFinder finder) => ShowAsync(page, finder, RequestPath.Read(page.Context)));
        pages.MapPost("/p/{slug}/logs/{**requestId}", ShowPayloadAsync).WithMetadata(PageAccess.Members);
    }

    /// <summary>Shows the page of a request by its id, or redirects to the list when the search stopped early.</summary>
    /// <exception cref="RefusedException">There is no record of the request.</exception>
    public static async Task<IResult> ShowAsync(PageRequest page, RequestFinder finder, string requestId) =>
        await finder.FindAsync(page, requestId, payload: null) is { } model ? Show(page, model) : RedirectToSearch(page, requestId);

    // This endpoint is a POST, because browsers prefetch links, and only the user may open a payload.
    private static async Task<IResult> ShowPayloadAsync(PageRequest page, RequestFinder finder, RequestPayloads payloads)
    {
        var (form, requestId) = (await page.FormAsync(), RequestPath.Read(page.Context));
        if (requestId.Length == 0)
        {
            // An id such as ".." cannot be part of a path.
            requestId = page.Context.Request.Query["q"].ToString().Trim();
        }

        if (requestId.Length == 0)
        {
            throw new RefusedException(new EdgeError(ErrorKind.NotFound, "The address names no request."));
        }

        return await finder.FindAsync(page, requestId, record => payloads.ReadAsync(page.Actor, record, page.Aborted)) is { } model
            ? Show(page, model with { IsPretty = form["view"] == "formatted" })
            : RedirectToSearch(page, requestId);
    }

    private static IResult RedirectToSearch(PageRequest page, string requestId) => PageRequest.RedirectTo(new LogAddress(page.Project.Path + "/logs", new()).With("q", requestId).ToString());

    private static IResult Show(PageRequest page, RequestModel model) => Page.Show<RequestPage, RequestModel>(page.Frame(RequestText.Title(model.Record), Section.Logs), model);
}
