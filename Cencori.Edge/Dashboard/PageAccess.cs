using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard;

/// <summary>
/// Who may use a page. Default of a route without it: every role may read, only owners may change. So a route where it was forgotten is closed.
/// </summary>
/// <param name="Role">The lowest role; null: callers who are not signed in too.</param>
public sealed record PageAccess(UserRole? Role)
{
    public static readonly PageAccess Everybody = new(Role: null);
    public static readonly PageAccess Viewers = new(UserRole.Viewer);
    public static readonly PageAccess Members = new(UserRole.Member);
    public static readonly PageAccess Owners = new(UserRole.Owner);

    public static PageAccess Of(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<PageAccess>() ?? (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) ? Viewers : Owners);
}
