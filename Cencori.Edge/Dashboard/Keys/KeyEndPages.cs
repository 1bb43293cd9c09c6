using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Dashboard.Layout;

namespace Cencori.Edge.Dashboard.Keys;

/// <summary>The page that revokes a key.</summary>
internal static class KeyEndPages
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/keys/{keyId}/revoke", AskAsync).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/keys/{keyId}/revoke", RevokeAsync).WithMetadata(PageAccess.Members);
    }

    private static async Task<IResult> AskAsync(PageRequest page, string keyId, ApiKeyEditor keys, KeyReader reader)
    {
        var frame = page.Frame("Revoke key", Section.Keys);
        var key = (await keys.GetAsync(page.Project.Id, keyId)).Value;
        var hour = await reader.UseAsync(page.Project.Id, keyId, TimeSpan.FromHours(1), page.Aborted);
        return Page.Show<RevokeKeyPage, RevokeKeyModel>(frame, new(new(key, frame.Viewer.Now), hour?.Total.Sums.Requests));
    }

    // No ETag check: it must be possible to revoke a leaked key even when somebody has changed the key meanwhile.
    private static async Task<IResult> RevokeAsync(PageRequest page, string keyId, ApiKeyEditor keys)
    {
        await keys.ChangeAsync(page.Actor, page.Project.Id, keyId, new ApiKeyChange { Revoked = true }, Precondition.Anything);
        return PageRequest.RedirectTo($"{page.Project.Path}/keys/{Uri.EscapeDataString(keyId)}", "key-revoked");
    }
}

/// <param name="Row">The key to revoke.</param>
/// <param name="LastHour">Number of the key's requests in the last hour; null: the database was busy.</param>
public sealed record RevokeKeyModel(KeyRow Row, long? LastHour);
