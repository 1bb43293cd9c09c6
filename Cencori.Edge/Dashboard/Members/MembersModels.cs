using Cencori.Edge.Admin.People;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Members;

/// <param name="Members">All members.</param>
/// <param name="Invitations">All invitations.</param>
/// <param name="Projects">Projects by id.</param>
/// <param name="OwnId">The id of the signed-in member; null: signed in with the admin token.</param>
/// <param name="Address">The URL that invited people get.</param>
/// <param name="Provider">The sign-in provider; null: none is configured, and nobody can accept an invitation.</param>
/// <param name="IsTokenOpen">True: the admin token can sign in to the dashboard.</param>
/// <param name="RoleClaim">The claim that decides roles; null: this page decides them.</param>
public sealed record MembersModel(
    IReadOnlyList<MemberView> Members, IReadOnlyList<InvitationView> Invitations, IReadOnlyDictionary<string, ProjectName> Projects, string? OwnId, string Address, string? Provider, bool IsTokenOpen, string? RoleClaim);

/// <param name="Member">The member as stored.</param>
/// <param name="Tag">The member's ETag.</param>
/// <param name="Role">The role in the form.</param>
/// <param name="Chosen">The ids of the projects in the form.</param>
/// <param name="Projects">All projects.</param>
/// <param name="RoleClaim">The claim that decides roles; null: this page decides them.</param>
/// <param name="IsSelf">True: the signed-in user is this member.</param>
/// <param name="State">The form's state.</param>
public sealed record MemberModel(
    MemberView Member, string Tag, UserRole? Role, IReadOnlySet<string> Chosen, IReadOnlyList<ProjectName> Projects, string? RoleClaim, bool IsSelf, FormState State);

/// <param name="Member">The member to remove.</param>
/// <param name="Tag">The member's ETag.</param>
/// <param name="IsSelf">True: the signed-in user is this member.</param>
/// <param name="State">The form's state.</param>
public sealed record RemoveMemberModel(MemberView Member, string Tag, bool IsSelf, FormState State);

/// <param name="Role">The role in the form.</param>
/// <param name="Chosen">The ids of the projects in the form.</param>
/// <param name="Projects">All projects.</param>
/// <param name="State">The form's state.</param>
public sealed record InviteModel(UserRole Role, IReadOnlySet<string> Chosen, IReadOnlyList<ProjectName> Projects, FormState State);
