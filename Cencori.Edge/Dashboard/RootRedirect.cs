namespace Cencori.Edge.Dashboard;

/// <summary>The address of the edge without a path: a browser that opens it is a person who looks for the pages. Programs are told that nothing is there.</summary>
internal static class RootRedirect
{
    /// <summary>Whether somebody stands at it.</summary>
    public static bool IsAsked(HttpRequest request) =>
        request.Path == "/" && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    public static Task Redirect(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Redirect(DashboardOptions.Path);
        return Task.CompletedTask;
    }
}
