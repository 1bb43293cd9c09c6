using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Errors;
using Cencori.Edge.Exchanges;
using Cencori.Edge.Projects;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Settings;

/// <summary>The page of the networks from which a project's keys may be used.</summary>
internal static class NetworkingPages
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/settings/networking", (PageRequest page, NetworkEditor networks) => ShowAsync(page, networks)).WithMetadata(PageAccess.Viewers);
        pages.MapPost("/p/{slug}/settings/networking", SaveAsync).WithMetadata(PageAccess.Members);
    }

    private static async Task<IResult> SaveAsync(PageRequest page, NetworkEditor networks)
    {
        var form = await page.FormAsync();
        try
        {
            var body = new NetworkingReplacement
            {
                AccessMode = form["access_mode"].ToString() switch
                {
                    "public" => AccessMode.Public,
                    "restricted" => AccessMode.Restricted,
                    _ => throw new RefusedException(EdgeError.Invalid("Choose where the keys may be used from.", "access_mode")),
                },
                AllowedCidrs = [.. form["allowed_cidrs"].ToString().Split(['\n', '\r', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)],
            };
            await networks.ReplaceAsync(page.Actor, page.Project.Id, body, Precondition.Tag(form["tag"]));
            return PageRequest.RedirectTo($"{page.Project.Path}/settings/networking", "saved");
        }
        catch (RefusedException refused) when (refused.Error.Kind != ErrorKind.NotFound)
        {
            return await ShowAsync(page, networks, FormConflict.Refused(form, refused.Error, (await networks.GetAsync(page.Project.Id)).Tag), refused.Error.Status);
        }
    }

    private static async Task<IResult> ShowAsync(PageRequest page, NetworkEditor networks, FormState? state = null, int status = StatusCodes.Status200OK)
    {
        var (current, tag) = await networks.GetAsync(page.Project.Id);
        var isIn = new AllowedNetworks(current.AllowedCidrs).Has(page.Context.Connection.RemoteIpAddress);
        return Page.Show<NetworkingPage, NetworkingModel>(
            page.Frame("Network access", Section.Settings), new(current, tag, CallerText.Address(page.Context), isIn, state ?? Of(current)), status);
    }

    private static FormState Of(NetworkingView networking) => new(new Dictionary<string, string?>
    {
        ["access_mode"] = networking.AccessMode == AccessMode.Restricted ? "restricted" : "public",
        ["allowed_cidrs"] = string.Join('\n', networking.AllowedCidrs),
    });
}

/// <param name="Current">The stored setting.</param>
/// <param name="Tag">The ETag of the stored setting.</param>
/// <param name="Address">The user's IP address as the edge sees it; null: unknown.</param>
/// <param name="IsIn">True: the list contains the user's address.</param>
/// <param name="State">The form's state.</param>
public sealed record NetworkingModel(NetworkingView Current, string Tag, string? Address, bool IsIn, FormState State);
