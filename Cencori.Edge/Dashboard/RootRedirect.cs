namespace Cencori.Edge.Dashboard;

/// <summary>The edge's URL without a path: browsers are redirected to the dashboard. Programs get a 404.</summary>
internal static class RootRedirect
{
    /// <summary>True: a browser asked for the root.</summary>
    public static bool IsAsked(HttpRequest request) =>
        request.Path == "/" && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    public static Task Redirect(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Redirect(DashboardOptions.Path);
        return Task.CompletedTask;
    }
}
