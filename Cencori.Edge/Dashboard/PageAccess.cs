using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard;

/// <summary>
/// Who may ask for a page. A route that says nothing is read by every role and changed by owners only, so that one which is forgotten is closed.
/// </summary>
/// <param name="Role">The least role; null: whoever is not signed in too.</param>
public sealed record PageAccess(UserRole? Role)
{
    public static readonly PageAccess Everybody = new(Role: null);
    public static readonly PageAccess Viewers = new(UserRole.Viewer);
    public static readonly PageAccess Members = new(UserRole.Member);
    public static readonly PageAccess Owners = new(UserRole.Owner);

    public static PageAccess Of(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<PageAccess>() ?? (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) ? Viewers : Owners);
}
