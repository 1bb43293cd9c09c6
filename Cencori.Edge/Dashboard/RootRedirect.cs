namespace Cencori.Edge.Dashboard;

/// <summary>Redirects browsers from the edge's URL without a path to the dashboard. Other programs get a 404 there.</summary>
internal static class RootRedirect
{
    /// <summary>True: the request is a browser's request for the path <c>/</c>.</summary>
    public static bool AppliesTo(HttpRequest request) =>
        request.Path == "/" && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    public static Task Redirect(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Redirect(DashboardOptions.Path);
        return Task.CompletedTask;
    }
}
