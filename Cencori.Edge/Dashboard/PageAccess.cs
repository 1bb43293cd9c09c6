using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard;

/// <summary>
/// Endpoint metadata: who may use a page. A route without this metadata lets every role read and only owners change, so a forgotten entry opens nothing.
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
