using Cencori.Edge.Admin;
using Cencori.Edge.Admin.AsCode;
using Cencori.Edge.Admin.Routes;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;

namespace Cencori.Edge.Dashboard.Routes;

/// <summary>A project's routes: list, create, change, delete. Route names may contain slashes, so the name is the last part of the URL.</summary>
internal static class RoutePages
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/routes", ListAsync);
        pages.MapGet("/p/{slug}/routes/new", (PageRequest page, RouteStates states) => ShowFormAsync(page, states, null, RouteForm.New())).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/routes", CreateAsync).WithMetadata(PageAccess.Members);
        pages.MapGet("/p/{slug}/routes/show/{**route}", GetAsync);
        pages.MapGet("/p/{slug}/routes/report/{**route}", ReportAsync);
        pages.MapGet("/p/{slug}/routes/edit/{**route}", EditAsync).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/routes/edit/{**route}", ChangeAsync).WithMetadata(PageAccess.Members);
        pages.MapGet("/p/{slug}/routes/delete/{**route}", AskToDeleteAsync).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/routes/delete/{**route}", DeleteAsync).WithMetadata(PageAccess.Members);
        RouteExplainPages.Map(pages);
    }

    private static async Task<IResult> ListAsync(PageRequest page, RouteEditor routes) =>
        Page.Show<RoutesPage, RoutesModel>(page.Frame("Routes", Section.Routes), new((await routes.ListAsync(page.Project.Id)).ConvertAll(route => route.Value)));

    private static async Task<IResult> GetAsync(PageRequest page, string route, RouteEditor routes, RouteStates states)
    {
        var found = (await routes.GetAsync(page.Project.Id, RouteText.Read(route))).Value;
        return Page.Show<RoutePage, RouteModel>(page.Frame(found.Name, Section.Routes), new(found, YamlOf(found), await states.ReadAsync(page.Project.Id, found.Name)));
    }

    private static async Task<IResult> ReportAsync(PageRequest page, string route, RouteEditor routes, RouteReports reports)
    {
        var name = (await routes.GetAsync(page.Project.Id, RouteText.Read(route))).Value.Name;
        return Page.Show<RouteReportPage, RouteReport>(
            page.Frame($"{name}: report", Section.Routes), await reports.ReadAsync(page.Project.Id, name, from: null, to: null, page.Aborted));
    }

    private static async Task<IResult> CreateAsync(PageRequest page, RouteEditor routes, RouteStates states)
    {
        var sent = RouteForm.ReadPosted(await page.FormAsync());
        if (IsAddRowsRequest(sent))
        {
            return await ShowFormAsync(page, states, null, sent);
        }

        try
        {
            var created = await routes.SetAsync(page.Actor, page.Project.Id, (sent["name"] ?? "").Trim(), RouteForm.Read(sent), Precondition.Anything, isNew: true);
            return PageRequest.RedirectTo(page.Project.Path + RouteText.Path("show", created.Value.Name), "route-created");
        }
        catch (RefusedException refused)
        {
            return await ShowRefusedAsync(page, states, null, sent, refused);
        }
    }

    private static async Task<IResult> EditAsync(PageRequest page, string route, RouteEditor routes, RouteStates states) =>
        await ShowFormAsync(page, states, RouteText.Read(route), RouteForm.Of(await routes.GetAsync(page.Project.Id, RouteText.Read(route))));

    private static async Task<IResult> ChangeAsync(PageRequest page, string route, RouteEditor routes, RouteStates states)
    {
        var sent = RouteForm.ReadPosted(await page.FormAsync());
        var current = await routes.GetAsync(page.Project.Id, RouteText.Read(route));
        if (IsAddRowsRequest(sent))
        {
            return await ShowFormAsync(page, states, current.Value.Name, sent);
        }

        try
        {
            await routes.SetAsync(page.Actor, page.Project.Id, current.Value.Name, RouteForm.Read(sent), Precondition.Tag(sent["tag"]));
            return PageRequest.RedirectTo(page.Project.Path + RouteText.Path("show", current.Value.Name), "saved");
        }
        catch (RefusedException refused) when (refused.Error.Status == StatusCodes.Status412PreconditionFailed)
        {
            // After a conflict, the page shows the stored version. Saving again is then intended, so the form gets the ETag of the stored version.
            var values = new Dictionary<string, string?>(sent.Values, StringComparer.Ordinal) { ["tag"] = current.Tag };
            return await ShowFormAsync(page, states, current.Value.Name, new(values, FormConflict.Explain(refused.Error)), refused.Error.Status, YamlOf(current.Value));
        }
        catch (RefusedException refused) when (refused.Error.Status != StatusCodes.Status404NotFound)
        {
            return await ShowRefusedAsync(page, states, current.Value.Name, sent, refused);
        }
    }

    private static async Task<IResult> AskToDeleteAsync(PageRequest page, string route, RouteEditor routes)
    {
        var found = await routes.GetAsync(page.Project.Id, RouteText.Read(route));
        return Page.Show<DeleteRoutePage, DeleteRouteModel>(page.Frame($"Delete the route {found.Value.Name}?", Section.Routes), new(found.Value, found.Tag, await routes.UsersAsync(page.Project.Id, found.Value.Name)));
    }

    private static async Task<IResult> DeleteAsync(PageRequest page, string route, RouteEditor routes)
    {
        var form = await page.FormAsync();
        await routes.DeleteAsync(page.Actor, page.Project.Id, RouteText.Read(route), Precondition.Tag(form["tag"]));
        return PageRequest.RedirectTo($"{page.Project.Path}/routes", "route-deleted");
    }

    private static Task<IResult> ShowRefusedAsync(PageRequest page, RouteStates states, string? name, FormState sent, RefusedException refused)
    {
        var error = refused.Error.Param == RouteForm.YamlField ? refused.Error : RouteForm.AtField(refused.Error, sent);
        return ShowFormAsync(page, states, name, sent with { Error = error }, error.Status);
    }

    private static async Task<IResult> ShowFormAsync(PageRequest page, RouteStates states, string? name, FormState state, int status = StatusCodes.Status200OK, string? now = null) =>
        Page.Show<RouteFormPage, RouteFormModel>(page.Frame(name is null ? "New route" : $"Edit {name}", Section.Routes), new(name, state, await states.ModelsAsync(page.Project.Id), now), status);

    // True: the user pressed the button for more rows, not the save button.
    private static bool IsAddRowsRequest(FormState sent) => sent["add_rows"] is not null;

    private static string YamlOf(RouteView route) => YamlWriter.Write(CurrentState.RouteOf(route.Route));
}
