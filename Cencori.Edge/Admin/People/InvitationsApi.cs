using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Admin.People;

/// <summary>Endpoints for invitations: list, create, delete.</summary>
internal static class InvitationsApi
{
    public static void Map(RouteGroupBuilder invitations)
    {
        invitations.MapGet("/", ListAsync);
        invitations.MapPost("/", CreateAsync);
        invitations.MapDelete("/{invitationId}", DeleteAsync);
    }

    private static async Task ListAsync(HttpContext context, InvitationEditor invitations) =>
        await context.RespondAsync(StatusCodes.Status200OK, new InvitationsResponse(await invitations.ListAsync()));

    private static async Task CreateAsync(HttpContext context, InvitationEditor invitations) =>
        await context.RespondAsync(StatusCodes.Status201Created, new InvitationResponse(await invitations.CreateAsync(AuditActor.Of(context), await context.ReadBodyAsync<NewInvitation>())));

    private static async Task DeleteAsync(HttpContext context, string invitationId, InvitationEditor invitations)
    {
        await invitations.DeleteAsync(AuditActor.Of(context), invitationId);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private sealed record InvitationResponse(InvitationView Invitation);

    private sealed record InvitationsResponse(List<InvitationView> Invitations);
}
