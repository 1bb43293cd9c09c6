using Cencori.Edge.Dashboard;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Hosting.Status;

/// <summary>The endpoint of the page about the status of this edge and of the other edges on the same database.</summary>
internal static class StatusPages
{
    public static void MapStatus(this WebApplication app)
    {
        if (DashboardServiceCollectionExtensions.IsEnabled(app.Configuration))
        {
            DashboardServiceCollectionExtensions.Pages(app).MapGet("/status", ShowAsync).WithMetadata(PageAccess.Viewers);
        }
    }

    private static async Task<IResult> ShowAsync(PageRequest page, StatusReader status) =>
        Page.Show<StatusPage, StatusModel>(page.Frame("Status", Section.Status), await status.ReadAsync(page.User.May(UserRole.Owner), page.Aborted));
}
