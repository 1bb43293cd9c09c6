using Cencori.Edge.Admin.People;
using Cencori.Edge.Admin.Projects;
using Cencori.Edge.Dashboard.Parts;
using Cencori.Edge.Storage;

namespace Cencori.Edge.Dashboard.Members;

/// <param name="Members">All of them.</param>
/// <param name="Invitations">Likewise.</param>
/// <param name="Projects">By id.</param>
/// <param name="OwnId">Of whoever looks; null: the admin token.</param>
/// <param name="Address">What is sent to those who are invited.</param>
/// <param name="Provider">The sign-in provider; null: there is none, and nobody can take up an invitation.</param>
/// <param name="IsTokenOpen">Whether the admin token opens pages.</param>
/// <param name="RoleClaim">The claim that decides on roles; null: this page does.</param>
public sealed record MembersModel(
    IReadOnlyList<MemberView> Members, IReadOnlyList<InvitationView> Invitations, IReadOnlyDictionary<string, ProjectName> Projects, string? OwnId, string Address, string? Provider, bool IsTokenOpen, string? RoleClaim);

/// <param name="Member">As they are.</param>
/// <param name="Tag">Of that.</param>
/// <param name="Role">As the form has it.</param>
/// <param name="Chosen">Likewise, ids of projects.</param>
/// <param name="Projects">All that there are.</param>
/// <param name="RoleClaim">The claim that decides on roles; null: this page does.</param>
/// <param name="IsSelf">Whoever looks is the member.</param>
/// <param name="State">Of the form.</param>
public sealed record MemberModel(
    MemberView Member, string Tag, UserRole? Role, IReadOnlySet<string> Chosen, IReadOnlyList<ProjectName> Projects, string? RoleClaim, bool IsSelf, FormState State);

/// <param name="Member">Who goes.</param>
/// <param name="Tag">As they are.</param>
/// <param name="IsSelf">Whoever looks is the member.</param>
/// <param name="State">Of the form.</param>
public sealed record RemoveMemberModel(MemberView Member, string Tag, bool IsSelf, FormState State);

/// <param name="Role">As the form has it.</param>
/// <param name="Chosen">Likewise, ids of projects.</param>
/// <param name="Projects">All that there are.</param>
/// <param name="State">Of the form.</param>
public sealed record InviteModel(UserRole Role, IReadOnlySet<string> Chosen, IReadOnlyList<ProjectName> Projects, FormState State);
