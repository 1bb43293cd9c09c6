using System.Net;
using System.Net.Http.Json;
using Cencori.Edge.Storage;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Dashboard.Sessions;

public sealed class MembersTests(ShippedEdge shipped) : IClassFixture<ShippedEdge>
{
    private readonly RunningEdge _edge = shipped.Edge;

    [Fact]
    public async Task An_owner_changes_a_role_and_it_applies_at_once()
    {
        var project = await ProjectAsync("project of a viewer");
        using var viewer = await _edge.SignedInAsync(UserRole.Viewer);
        await viewer.GetAsync("/dashboard");
        Assert.DoesNotContain("project of a viewer", viewer.Text);

        using var owner = await _edge.SignedInAsync(UserRole.Owner);
        await owner.GetAsync($"/dashboard/members/{viewer.UserId}");
        await owner.SubmitAsync("/dashboard/members/", ("role", "member"), ("projects", project));
        Assert.Equal("Members", owner.Title);

        await viewer.GetAsync("/dashboard");
        Assert.Contains("project of a viewer", viewer.Text);
        var rows = (await _edge.SendAdminAsync(HttpMethod.Get, $"/api/audit?actor=user%20{owner.UserId}"))["entries"]!.AsArray();
        Assert.Equal(["member.changed", "membership.created"], rows.Select(row => (string)row!["action"]!).Order());
        Assert.Contains(rows, row => (string?)row!["before"]?["role"] == "Viewer" || (string?)row!["before"]?["role"] == "viewer");
    }

    [Fact]
    public async Task A_save_does_not_overwrite_another_users_change()
    {
        using var viewer = await _edge.SignedInAsync(UserRole.Viewer);
        using var owner = await _edge.SignedInAsync(UserRole.Owner);
        await owner.GetAsync($"/dashboard/members/{viewer.UserId}");
        await _edge.SendAdminAsync(HttpMethod.Patch, $"/api/members/{viewer.UserId}", new { role = "member" });

        await owner.SubmitAsync("/dashboard/members/", ("role", "owner"));

        Assert.Equal(HttpStatusCode.PreconditionFailed, owner.Response.StatusCode);
        Assert.Equal("member", (string)(await _edge.SendAdminAsync(HttpMethod.Get, $"/api/members/{viewer.UserId}"))["member"]!["role"]!);
        await owner.SubmitAsync("/dashboard/members/", ("role", "owner"));
        Assert.Equal("owner", (string)(await _edge.SendAdminAsync(HttpMethod.Get, $"/api/members/{viewer.UserId}"))["member"]!["role"]!);

        // The correction of a refused form was not made from the stored version either.
        await owner.GetAsync($"/dashboard/members/{viewer.UserId}");
        await owner.SubmitAsync("/dashboard/members/", ("role", "viewer"), ("projects", "prj_not_there"));
        Assert.Equal(HttpStatusCode.BadRequest, owner.Response.StatusCode);
        await _edge.SendAdminAsync(HttpMethod.Patch, $"/api/members/{viewer.UserId}", new { role = "member" });
        await owner.SubmitAsync("/dashboard/members/", ("role", "viewer"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, owner.Response.StatusCode);
    }

    [Fact]
    public async Task Removal_asks_first_and_ends_every_session()
    {
        using var member = await _edge.SignedInAsync(UserRole.Member);
        using var owner = await _edge.SignedInAsync(UserRole.Owner);
        await owner.GetAsync($"/dashboard/members/{member.UserId}/remove");
        await member.GetAsync("/dashboard");
        Assert.Equal("Projects", member.Title);

        await owner.SubmitAsync("/dashboard/members/");

        Assert.Contains("The member has been removed", owner.Text);
        await member.GetAsync("/dashboard");
        Assert.Equal("Sign in", member.Title);
        await owner.GetAsync($"/dashboard/members/{member.UserId}");
        Assert.Equal(HttpStatusCode.NotFound, owner.Response.StatusCode);
    }

    [Fact]
    public async Task An_invitation_is_open_until_deleted_and_errors_are_explained()
    {
        using var owner = await _edge.SignedInAsync(UserRole.Owner);
        await owner.GetAsync("/dashboard/invitations/new");
        await owner.SubmitAsync("/dashboard/invitations", ("email", "no address"));
        Assert.Equal(HttpStatusCode.BadRequest, owner.Response.StatusCode);
        Assert.Contains("The e-mail address is not valid. Use a form such as jo@example.com.", owner.Text);

        await owner.SubmitAsync("/dashboard/invitations", ("email", "New@Example.com"), ("role", "viewer"), ("expires_in_days", "3"));
        Assert.Equal("Members", owner.Title);
        Assert.Contains("new@example.com", owner.Text);
        Assert.Contains($"{_edge.Address}dashboard", owner.Text);
        using var again = await _edge.Admin.PostAsJsonAsync("/api/invitations", new { email = "NEW@example.com", role = "owner" });
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);

        await owner.SubmitAsync("/dashboard/invitations/");
        Assert.DoesNotContain("new@example.com", owner.Text);
    }

    [Theory]
    [InlineData("""{"email":"a@b.example","role":"king"}""", "role")]
    [InlineData("""{"email":"a@b.example","role":"viewer","projects":["prj_not_there"]}""", "projects")]
    [InlineData("""{"email":"a@b.example","role":"viewer","expires_in_days":91}""", "expires_in_days")]
    [InlineData("""{"email":"a\u0000@b.example","role":"viewer"}""", "email")]
    [InlineData("""{"role":"viewer"}""", "email")]
    public async Task The_API_says_what_is_wrong_with_an_invitation(string body, string field)
    {
        using var response = await _edge.Admin.PostAsync("/api/invitations", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(field, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_last_owner_cannot_be_removed_when_the_token_cannot_sign_in()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var edge = await RunningEdge.StartAsync([.. provider.Settings, "Dashboard:TokenSignIn=false"]);
        using var first = await edge.SignedInAsync(UserRole.Owner);
        await first.GetAsync($"/dashboard/members/{first.UserId}");
        await first.SubmitAsync("/dashboard/members/", ("role", "viewer"));
        Assert.Equal(HttpStatusCode.Conflict, first.Response.StatusCode);
        await first.GetAsync($"/dashboard/members/{first.UserId}/remove");
        await first.SubmitAsync("/dashboard/members/");
        Assert.Equal(HttpStatusCode.Conflict, first.Response.StatusCode);

        // Two owners demote each other at the same time: one of them stays owner.
        using var second = await edge.SignedInAsync(UserRole.Owner);
        var responses = await Task.WhenAll(((string[])[first.UserId!, second.UserId!]).Select(id => edge.Admin.PatchAsJsonAsync("/api/members/" + id, new { role = "member" })));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], responses.Select(response => response.StatusCode).Order());
    }

    [Fact]
    public async Task The_API_refuses_callers_without_the_admin_token()
    {
        foreach (var path in (string[])["/api/members", "/api/members/usr_x", "/api/invitations", "/api/invitations/inv_x"])
        {
            using var response = await _edge.Http.GetAsync(path);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    private async Task<string> ProjectAsync(string name) => (string)(await _edge.SendAdminAsync(HttpMethod.Post, "/api/projects", new { name }))["project"]!["id"]!;
}
