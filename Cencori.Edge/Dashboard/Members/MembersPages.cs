using Cencori.Edge.Admin;
using Cencori.Edge.Admin.People;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Admin.SignIn;
using Cencori.Edge.Dashboard.Layout;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Dashboard.SignIn;
using Cencori.Edge.Errors;
using Cencori.Edge.Settings;
using Cencori.Edge.Storage;
using Microsoft.Extensions.Options;

namespace Cencori.Edge.Dashboard.Members;

/// <summary>Members with their roles, and invitations.</summary>
internal static class MembersPages
{
    public const string Path = DashboardOptions.Path + "/members";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/members", ListAsync).WithMetadata(PageAccess.Owners);
        pages.MapGet("/members/{memberId}", ShowAsync).WithMetadata(PageAccess.Owners);
        pages.MapPost("/members/{memberId}", ChangeAsync).WithMetadata(PageAccess.Owners);
        pages.MapGet("/members/{memberId}/remove", AskToRemoveAsync).WithMetadata(PageAccess.Owners);
        pages.MapPost("/members/{memberId}/remove", RemoveAsync).WithMetadata(PageAccess.Owners);
        pages.MapGet("/invitations/new", InviteAsync).WithMetadata(PageAccess.Owners);
        pages.MapPost("/invitations", CreateInvitationAsync).WithMetadata(PageAccess.Owners);
        pages.MapPost("/invitations/{invitationId}/delete", DeleteInvitationAsync).WithMetadata(PageAccess.Owners);
    }

    private static async Task<IResult> ListAsync(
        PageRequest page, MemberEditor members, InvitationEditor invitations, ProjectEditor projects, OpenIdSignIn openId, IOptions<DashboardOptions> dashboard, IOptions<SignInOptions> signIn)
    {
        var names = (await projects.ListNamesAsync()).ToDictionary(project => project.Id);
        var request = page.Context.Request;
        var address = dashboard.Value.PublicUrl is { Length: > 0 } own ? own.TrimEnd('/') + DashboardOptions.Path : $"{request.Scheme}://{request.Host}{DashboardOptions.Path}";
        return Page.Show<MembersPage, MembersModel>(page.Frame("Members", Section.Members), new(
            await members.ListAsync(), await invitations.ListAsync(), names, page.User.UserId, address, openId.Settings.IsOn ? openId.Settings.DisplayName : null, signIn.Value.TokenSignIn, openId.Settings.RoleClaim));
    }

    private static async Task<IResult> ShowAsync(PageRequest page, string memberId, MemberEditor members, ProjectEditor projects, OpenIdSignIn openId)
    {
        var (member, tag) = await members.GetAsync(memberId);
        return await ShowMemberAsync(page, member, tag, member.Role, [.. member.Projects], projects, openId, FormState.Empty);
    }

    private static async Task<IResult> ChangeAsync(PageRequest page, string memberId, MemberEditor members, ProjectEditor projects, OpenIdSignIn openId)
    {
        var form = await page.FormAsync();
        var role = RoleOf(form["role"]);
        List<string> chosen = [.. form["projects"].OfType<string>()];
        try
        {
            await members.ChangeAsync(page.Actor, memberId, new() { Role = form.ContainsKey("role") ? role : default(PatchField<UserRole?>), Projects = chosen }, Precondition.Tag(form["tag"]));
            return PageRequest.RedirectTo(Path, "saved");
        }
        catch (RefusedException refused) when (refused.Error.Status != StatusCodes.Status404NotFound)
        {
            var (member, tag) = await members.GetAsync(memberId);
            var state = FormConflict.Refused(form, refused.Error, tag);
            return await ShowMemberAsync(page, member, tag, role, [.. chosen], projects, openId, state with { Error = ToForm(refused.Error) }, refused.Error.Status);
        }
    }

    private static async Task<IResult> ShowMemberAsync(
        PageRequest page, MemberView member, string tag, UserRole? role, HashSet<string> chosen, ProjectEditor projects, OpenIdSignIn openId, FormState state, int status = StatusCodes.Status200OK) =>
        Page.Show<MemberPage, MemberModel>(
            page.Frame(NameOf(member), Section.Members),
            new(member, tag, role, chosen, await projects.ListNamesAsync(), openId.Settings.RoleClaim, IsSelf: member.Id == page.User.UserId, state),
            status);

    private static async Task<IResult> AskToRemoveAsync(PageRequest page, string memberId, MemberEditor members)
    {
        var (member, tag) = await members.GetAsync(memberId);
        return ShowRemoval(page, member, tag, FormState.Empty);
    }

    private static async Task<IResult> RemoveAsync(PageRequest page, string memberId, MemberEditor members)
    {
        var form = await page.FormAsync();
        try
        {
            await members.RemoveAsync(page.Actor, memberId, Precondition.Tag(form["tag"]));
            return PageRequest.RedirectTo(Path, "member-removed");
        }
        catch (RefusedException refused) when (refused.Error.Status != StatusCodes.Status404NotFound)
        {
            var (member, tag) = await members.GetAsync(memberId);
            return ShowRemoval(page, member, tag, FormState.Refused(form, refused.Error with { Param = null }), refused.Error.Status);
        }
    }

    private static IResult ShowRemoval(PageRequest page, MemberView member, string tag, FormState state, int status = StatusCodes.Status200OK) =>
        Page.Show<RemoveMemberPage, RemoveMemberModel>(page.Frame("Remove member", Section.Members), new(member, tag, IsSelf: member.Id == page.User.UserId, state), status);

    private static async Task<IResult> InviteAsync(PageRequest page, ProjectEditor projects) => await ShowInvitationAsync(page, projects, UserRole.Member, [], FormState.Empty);

    private static async Task<IResult> CreateInvitationAsync(PageRequest page, InvitationEditor invitations, ProjectEditor projects)
    {
        var form = await page.FormAsync();
        var role = RoleOf(form["role"]) ?? UserRole.Viewer;
        List<string> chosen = [.. form["projects"].OfType<string>()];
        try
        {
            var days = form["expires_in_days"].ToString();
            await invitations.CreateAsync(page.Actor, new()
            {
                Email = form["email"].ToString(),
                Role = role,
                Projects = chosen,
                ExpiresInDays = days.Length == 0 ? null : int.TryParse(days, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0,
            });
            return PageRequest.RedirectTo(Path, "invited");
        }
        catch (RefusedException refused)
        {
            return await ShowInvitationAsync(page, projects, role, [.. chosen], FormState.Refused(form, refused.Error), refused.Error.Status);
        }
    }

    private static async Task<IResult> ShowInvitationAsync(PageRequest page, ProjectEditor projects, UserRole role, HashSet<string> chosen, FormState state, int status = StatusCodes.Status200OK) =>
        Page.Show<InvitePage, InviteModel>(page.Frame("Invite somebody", Section.Members), new(role, chosen, await projects.ListNamesAsync(), state), status);

    private static async Task<IResult> DeleteInvitationAsync(PageRequest page, string invitationId, InvitationEditor invitations)
    {
        await invitations.DeleteAsync(page.Actor, invitationId);
        return PageRequest.RedirectTo(Path, "invitation-deleted");
    }

    internal static string NameOf(MemberView member) => member.Name ?? member.Email ?? member.Subject;

    // An ETag conflict is an error of the whole form, not of one field.
    private static EdgeError ToForm(EdgeError error) => error.Status == StatusCodes.Status412PreconditionFailed
        ? error with { Param = null, Message = "Somebody else has changed this member while you were editing. Your change is not saved. Save again if you still want it." }
        : error;

    private static UserRole? RoleOf(string? text) => SnakeCaseEnums.Find<UserRole>(text);
}
