using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard;

/// <summary>
/// Endpoint metadata: who may use a page. On a route without this metadata, every role can read and only owners can change data. So forgotten metadata
/// never lets other roles change data.
/// </summary>
/// <param name="Role">The lowest role that may use the page; null: everybody, even without sign-in.</param>
public sealed record PageAccess(UserRole? Role)
{
    public static readonly PageAccess Anonymous = new(Role: null);
    public static readonly PageAccess Viewers = new(UserRole.Viewer);
    public static readonly PageAccess Members = new(UserRole.Member);
    public static readonly PageAccess Owners = new(UserRole.Owner);

    public static PageAccess Of(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<PageAccess>() ?? (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) ? Viewers : Owners);
}
