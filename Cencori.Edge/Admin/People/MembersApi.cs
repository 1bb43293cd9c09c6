using Cencori.Edge.Admin.Audit;

namespace Cencori.Edge.Admin.People;

/// <summary>Endpoints for members, who have signed in with OpenID Connect: list, read, change, remove.</summary>
internal static class MembersApi
{
    public static void Map(RouteGroupBuilder members)
    {
        members.MapGet("/", ListAsync);
        members.MapGet("/{memberId}", GetAsync);
        members.MapPatch("/{memberId}", ChangeAsync);
        members.MapDelete("/{memberId}", RemoveAsync);
    }

    private static async Task ListAsync(HttpContext context, MemberEditor members) =>
        await context.RespondAsync(StatusCodes.Status200OK, new MembersResponse(await members.ListAsync()));

    private static async Task GetAsync(HttpContext context, string memberId, MemberEditor members) => await RespondAsync(context, await members.GetAsync(memberId));

    private static async Task ChangeAsync(HttpContext context, string memberId, MemberEditor members)
    {
        var change = await context.ReadBodyAsync<MemberChange>();
        await RespondAsync(context, await members.ChangeAsync(AuditActor.Of(context), memberId, change, Precondition.Of(context)));
    }

    private static async Task RemoveAsync(HttpContext context, string memberId, MemberEditor members)
    {
        await members.RemoveAsync(AuditActor.Of(context), memberId, Precondition.Of(context));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static Task RespondAsync(HttpContext context, Tagged<MemberView> member) => context.RespondAsync(StatusCodes.Status200OK, new MemberResponse(member.Value), member.Tag);

    private sealed record MemberResponse(MemberView Member);

    private sealed record MembersResponse(List<MemberView> Members);
}
