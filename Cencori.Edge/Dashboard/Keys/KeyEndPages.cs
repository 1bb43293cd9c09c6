using Cencori.Edge.Admin;
using Cencori.Edge.Admin.Keys;
using Cencori.Edge.Dashboard.Layout;

namespace Cencori.Edge.Dashboard.Keys;

/// <summary>The end of a key.</summary>
internal static class KeyEndPages
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/p/{slug}/keys/{keyId}/revoke", AskAsync).WithMetadata(PageAccess.Members);
        pages.MapPost("/p/{slug}/keys/{keyId}/revoke", RevokeAsync).WithMetadata(PageAccess.Members);
    }

    private static async Task<IResult> AskAsync(PageRequest page, string keyId, ApiKeyEditor keys)
    {
        var frame = page.Frame("Revoke key", Section.Keys);
        return Page.Show<RevokeKeyPage, KeyRow>(frame, new((await keys.GetAsync(page.Project.Id, keyId)).Value, frame.Viewer.Now));
    }

    // Whatever has been changed of it meanwhile: a key that has leaked must end.
    private static async Task<IResult> RevokeAsync(PageRequest page, string keyId, ApiKeyEditor keys)
    {
        await keys.ChangeAsync(page.Actor, page.Project.Id, keyId, new ApiKeyChange { Revoked = true }, Expected.Anything);
        return PageRequest.GoTo($"{page.Project.Path}/keys/{Uri.EscapeDataString(keyId)}", "key-revoked");
    }
}
